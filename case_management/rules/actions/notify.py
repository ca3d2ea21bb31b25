"""Notify people of a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import Coverage
from case_management.domain.actor import Actor
from case_management.models import Case, CaseWatcher, Membership, Notification, Team, Unit
from case_management.models.due import DueState, due_fields
from case_management.rules.actions.base import Action, Firing, WordsField, actions

#: Words that name recipients by what they are to the case.
ASSIGNEE, MANAGERS, TEAM, WATCHERS = "assignee", "managers", "team", "watchers"
#: And words with a colon that name them by user name, key of a team, or name of a role.
USER, TEAM_OF, ROLE = "user:", "team:", "role:"
#: Whoever holds this right at or above the case's unit counts as its manager.
MANAGES = "oversee_case"


class RecipientsField(WordsField):
    """``assignee``, ``managers``, ``team``, ``watchers``, ``user:NAME``, ``team:KEY`` or ``role:NAME``."""

    def clean(self, value: Any) -> list[str]:
        """Known words only; users, teams and roles must exist."""
        words = super().clean(value)
        wrong = [word for word in words if word not in (ASSIGNEE, MANAGERS, TEAM, WATCHERS) and not _has_prefix(word)]
        for prefix, known in _KNOWN.items():
            named = _named(words, prefix)
            wrong += [f"{prefix}{name}" for name in sorted(named - known(named))]
        if wrong:
            raise forms.ValidationError(
                _("Unknown recipient: %s. Use assignee, managers, team, watchers, user:NAME, team:KEY or role:NAME.")
                % ", ".join(wrong)
            )
        return words


def _has_prefix(word: str) -> bool:
    return word.startswith((USER, TEAM_OF, ROLE))


def _named(words: Sequence[str], prefix: str) -> set[str]:
    return {word.removeprefix(prefix) for word in words if word.startswith(prefix)}


def _users(names: set[str]) -> dict[str, int]:
    name = get_user_model().USERNAME_FIELD
    return dict(get_user_model()._default_manager.filter(**{f"{name}__in": names}).values_list(name, "pk"))


_KNOWN: dict[str, Any] = {
    USER: lambda names: set(_users(names)),
    TEAM_OF: lambda keys: set(Team.objects.filter(key__in=keys).values_list("key", flat=True)),
    ROLE: lambda names: set(Group.objects.filter(name__in=names).values_list("name", flat=True)),
}


@actions.registered("notify")
class Notify(Action):
    """One mail per person and firing."""

    label = gettext_lazy("Notify")

    class Parameters(forms.Form):
        """``to``: a list of recipients."""

        to = RecipientsField(
            label=gettext_lazy("Recipients"),
            help_text=gettext_lazy("assignee, managers, team, watchers, user:NAME, team:KEY, role:NAME"),
        )

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Write the ledger's rows; delivery follows after commit. Nobody is told of what they just did themselves."""
        concerned = [firing for firing in firings if firing.case]
        recipients = recipients_of([firing.case for firing in concerned if firing.case], parameters["to"])
        now, rows = timezone.now(), []
        for firing in concerned:
            user_ids = sorted(recipients.get(firing.row.case_id or 0, ()))
            firing.note({"action": "notify", "users": user_ids})
            rows += [_row(firing, user_id, due_fields(now)) for user_id in user_ids]
        Notification.objects.owe(rows)


def _row(firing: Firing, user_id: int, due: dict[str, Any]) -> Notification:
    event = firing.row.event
    own = event is not None and event.actor_id == user_id
    if own:
        due["state"] = DueState.SUPPRESSED
    return Notification(
        key=f"rule:{firing.row.key}:user:{user_id}:email",
        kind="rule",
        recipient_id=user_id,
        case=firing.case,
        event_id=firing.row.event_id,
        context={"rule": firing.rule.name},
        reason="own_action" if own else "",
        **due,
    )


def recipients_of(cases: list[Case], words: list[str]) -> dict[int, set[int]]:
    """Case id → user ids; reads set-based what the words need."""
    everywhere = set(_users(_named(words, USER)).values())
    teams = Team.members.through.objects.filter(team__key__in=_named(words, TEAM_OF))
    everywhere |= set(teams.values_list("user_id", flat=True)) if _named(words, TEAM_OF) else set()
    found: dict[int, set[int]] = {case.pk: set(everywhere) for case in cases}
    if ASSIGNEE in words:
        _add(found, {case.pk: [case.assignee_id] for case in cases if case.assignee_id})
    if MANAGERS in words:
        managers = Coverage.load(MANAGES, cases, available_only=False)
        _add(found, {case.pk: managers.of_unit(case) for case in cases})
    if TEAM in words:
        workers = Coverage.load("view_case", cases, available_only=False)
        _add(found, {case.pk: workers.of(case) for case in cases if case.team_id})
    if WATCHERS in words:
        _add(found, _watchers(cases))
    if roles := _named(words, ROLE):
        _add(found, _holders(cases, roles))
    return found


def _add(found: dict[int, set[int]], more: Mapping[int, Any]) -> None:
    for case_id, user_ids in more.items():
        found[case_id] |= set(user_ids)


def _watchers(cases: list[Case]) -> dict[int, set[int]]:
    watching: dict[int, set[int]] = defaultdict(set)
    for case_id, user_id in CaseWatcher.objects.filter(case__in=cases).values_list("case_id", "user_id"):
        watching[case_id].add(user_id)
    return watching


def _holders(cases: list[Case], roles: set[str]) -> dict[int, set[int]]:
    """Who holds a role in the case's unit, above it, or everywhere."""
    held = Membership.objects.filter(role__name__in=roles, user__is_active=True)
    rows = list(held.values_list("user_id", "unit__path"))
    units = Unit.objects.filter(pk__in={case.unit_id for case in cases if case.unit_id})
    paths = dict(units.values_list("pk", "path"))
    return {case.pk: _reaching(rows, paths.get(case.unit_id or 0)) for case in cases}


def _reaching(rows: Sequence[tuple[int, str | None]], path: str | None) -> set[int]:
    return {user_id for user_id, root in rows if root is None or (path and path.startswith(root))}
