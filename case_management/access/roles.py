"""The five roles that the package brings, as data: what each is for and which permissions it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from case_management.access.rights import held_roots
from case_management.exceptions import InvalidConfiguration

APP = "case_management"
#: Lets a role into Wagtail's admin; Django's admin asks for the user's "staff" mark instead.
WAGTAIL_DOOR = "wagtailadmin.access_admin"

#: What an administrator sets up, by model name.
SETUP_MODELS = (
    "casetype", "priority", "source", "closurereason", "reopenreason", "resolutionmethod", "closechannel",
    "notesubject", "tagcategory", "tag", "topic", "unit", "team", "membership", "businesscalendar", "holiday",
    "slapolicy", "slarung", "rule", "scriptedresponse", "signature", "macro", "settings", "customfield", "skill",
    "agentprofile", "absence", "assignmentchain",
)  # fmt: skip
#: What the machinery writes and people only read.
LEDGERS = ("notification", "rulefiring", "importbatch", "exportjob")
_RECORDS = (
    "case", "contact", "interaction", "casenote", "caseevent", "message", "delivery", "attachment", "alert",
)  # fmt: skip
_ALL = ("view", "add", "change", "delete")


def _on(models: Iterable[str], *actions: str) -> tuple[str, ...]:
    return tuple(f"{action}_{model}" for model in models for action in actions)


_READ = _on(_RECORDS, "view")
_WORK = (
    "add_case", "change_case", "note_case", "reply_case", "forward_case", "assign_case", "reroute_case", "tag_case",
    "flag_case", "wait_case",
    "escalate_case", "resolve_case", "reopen_case", "merge_case", "view_dashboard", "add_interaction", "add_contact",
    "change_contact",
)  # fmt: skip
_LEAD = (
    "close_case", "oversee_case", "import_case", "export_case", "approve_scriptedresponse", "share_macro",
    "publish_rule",
)  # fmt: skip


@dataclass(frozen=True)
class Role:
    """One role: a Django group of this name; where it holds is said by memberships."""

    name: str
    description: str
    permissions: tuple[str, ...]

    def labels(self) -> list[str]:
        """Permissions with their app, sorted; Wagtail's door only where Wagtail's admin is installed."""
        door = [WAGTAIL_DOOR] if apps.is_installed("wagtail.admin") else []
        return sorted({f"{APP}.{codename}" for codename in self.permissions}) + door


ROLES = (
    Role(
        "System administrator",
        "Sets case management up and keeps it running; may do everything to every case.",
        (*_READ, *_WORK, *_LEAD, *_on(SETUP_MODELS, *_ALL), *_on(LEDGERS, "view")),
    ),
    Role(
        "Case manager",
        "Answers for the cases of a branch or of all: every step of a case, import and export, approved wording.",
        (
            *_READ,
            *_WORK,
            *_LEAD,
            *_on(SETUP_MODELS, "view"),
            *_on(LEDGERS, "view"),
            *_on(("scriptedresponse", "signature"), "add", "change"),
            *_on(("macro",), *_ALL),
        ),
    ),
    Role(
        "Customer service agent",
        "Works cases with customers from opening to resolving, and reopens them.",
        (*_READ, *_WORK, *_on(("scriptedresponse",), "view"), *_on(("macro",), *_ALL)),
    ),
    Role(
        "Field manager",
        "Sees the cases of the units below the membership's unit and settles them there.",
        (
            *_READ,
            "note_case",
            "reply_case",
            "forward_case",
            "tag_case",
            "flag_case",
            "assign_case",
            "reroute_case",
            "wait_case",
            "escalate_case",
            "resolve_case",
            "reopen_case",
            "merge_case",
            "oversee_case",
            "view_dashboard",
            *_on(("scriptedresponse",), "view"),
            *_on(("macro",), *_ALL),
        ),
    ),
    Role(
        "Sales agent",
        "Reads the cases of customers and adds notes.",
        (*_READ, "note_case", "flag_case"),
    ),
)


@dataclass(frozen=True)
class RoleReceipt:
    """What :func:`create_roles` did to one group; ``added`` and ``removed`` are permissions with their app."""

    role: Role
    created: bool
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@transaction.atomic
def create_roles() -> list[RoleReceipt]:
    """Give each role's group exactly the role's permissions of this package; those of other apps are left alone.

    Safe to run again. Raises InvalidConfiguration when permissions are missing because nobody has migrated.
    """
    return [_create(role) for role in ROLES]


def _create(role: Role) -> RoleReceipt:
    group, created = Group.objects.get_or_create(name=role.name)
    wanted = _permissions(role.labels())
    held = {label: row for label, row in _labelled(group.permissions.all()).items() if _is_ours(label)}
    added, removed = sorted(set(wanted) - set(held)), sorted(set(held) - set(wanted))
    group.permissions.add(*(wanted[label] for label in added))
    group.permissions.remove(*(held[label] for label in removed))
    return RoleReceipt(role, created, added, removed)


def _is_ours(label: str) -> bool:
    return label == WAGTAIL_DOOR or label.startswith(f"{APP}.")


def _permissions(labels: list[str]) -> dict[str, Permission]:
    codenames = [label.partition(".")[2] for label in labels]
    found = _labelled(Permission.objects.filter(codename__in=codenames))
    if missing := [label for label in labels if label not in found]:
        raise InvalidConfiguration(
            _("These permissions do not exist yet: %s. Run “migrate” first.") % ", ".join(missing)
        )
    return {label: found[label] for label in labels}


def _labelled(permissions: QuerySet[Permission]) -> dict[str, Permission]:
    rows = permissions.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}": row for row in rows}


def grantable_roles(user: Any) -> QuerySet[Group]:
    """Roles that ``user`` may give: groups with rights on cases, none of whose permissions ``user`` lacks.

    A host's group may hold more than rights on cases; giving it must not be a way to get there.
    """
    roles = Group.objects.filter(permissions__content_type__app_label=APP).distinct().order_by("name")
    if user.is_superuser:
        return roles
    held = user.get_all_permissions()
    beyond = [role.pk for role in roles if not set(_labelled(role.permissions.all())) <= held]
    return roles.exclude(pk__in=beyond)


def holds_everywhere(user: Any, right: str) -> bool:
    """Whether ``user`` holds ``right`` (a codename of this package) by a role that spans all units."""
    return bool(user.is_superuser or None in held_roots(user, right))


def roles_table() -> list[list[str]]:
    """Rows for a person: a heading, then each permission with a mark under the roles that hold it."""
    held = [set(role.labels()) for role in ROLES]
    every = sorted(set().union(*held))
    heading = [_("Permission"), *(role.name for role in ROLES)]
    return [heading, *([label, *(_("yes") if label in labels else "" for labels in held)] for label in every)]
