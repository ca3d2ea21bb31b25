"""What can be done to many cases at once: each action names its right and the operation that it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import Any, TypeVar

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management import operations
from case_management.bulk import entries
from case_management.domain.actor import Actor
from case_management.exceptions import NothingToChange, ValueUnknown
from case_management.models import (
    Case,
    CaseType,
    CloseChannel,
    ClosureReason,
    CustomField,
    NoteSubject,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Tag,
    Team,
    Topic,
    Unit,
)
from case_management.operations import Outcome, Resolution
from case_management.registry import Registry

#: Carries it out, or only finds out what would be refused: ids, arguments, who, whether only to check.
Act = Callable[[list[int], Mapping[str, Any], Actor, bool], Outcome]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Action:
    """One entry of the menu; ``act`` is None where a page of its own does the work.

    What is not ``is_offered`` is started from elsewhere and stands in no menu. ``is_whole`` is done in one transaction.
    ``beside`` gives the keys of cases that the arguments name and that change too. ``take_back`` is for an action that
    records no events; the others are undone from their events. ``no_undo`` says why a change with these arguments
    cannot be taken back, or nothing.
    """

    key: str
    label: str | Promise
    permission: str
    act: Act | None
    is_whole: bool = False
    beside: Callable[[Mapping[str, Any]], list[int]] = lambda arguments: []
    take_back: Callable[[list[int], Actor], Outcome] | None = None
    is_offered: bool = True
    no_undo: Callable[[Mapping[str, Any]], str] = lambda arguments: ""


#: In the order of the menu; a host may register more.
actions: Registry[Action] = Registry("wide change")


def offered_to(user: Any) -> list[Action]:
    """What ``user`` holds the right for, somewhere at least; exports only where the optional library is."""
    left_out = {"export"} if find_spec("import_export") is None else set[str]()
    offered = [action for key, action in actions.items() if action.is_offered and key not in left_out]
    return [action for action in offered if user.has_perm(f"case_management.{action.permission}")]


def _entry(model: type[M], arguments: Mapping[str, Any], name: str) -> M | None:
    """The entry of a list that an argument names by its key, None where there is no argument."""
    if arguments.get(name) is None:
        return None
    found = model._default_manager.filter(pk=arguments[name]).first()
    if found is None:
        raise ValueUnknown(_("What was chosen as “%s” is there no longer; choose again.") % name, fields=[name])
    return found


def _needed(model: type[M], arguments: Mapping[str, Any], name: str) -> M:
    found = _entry(model, arguments, name)
    if found is None:
        raise ValueUnknown(_("Choose a value for “%s”.") % name.replace("_", " "), fields=[name])
    return found


def _tags(arguments: Mapping[str, Any], name: str) -> tuple[Tag, ...]:
    return tuple(Tag.objects.filter(pk__in=arguments.get(name) or []).select_related("category"))


def _assign(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.assign_cases(dict.fromkeys(ids, arguments["assignee"]), by=by, check_only=check_only)


def _unassign(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.unassign_cases(ids, by=by, check_only=check_only)


def _reroute(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    unit, team = _entry(Unit, arguments, "unit"), _entry(Team, arguments, "team")
    return operations.reroute_cases(ids, by=by, unit=unit, team=team, check_only=check_only)


def _set_topic(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.change_topics(ids, topic=_needed(Topic, arguments, "topic"), by=by, check_only=check_only)


def _set_type(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    chosen = _needed(CaseType, arguments, "case_type")
    return operations.change_case_types(ids, case_type=chosen, by=by, check_only=check_only)


def _set_priority(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    chosen = _needed(Priority, arguments, "priority")
    return operations.change_priorities(ids, priority=chosen, by=by, check_only=check_only)


def _tag(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    add, remove = _tags(arguments, "add"), _tags(arguments, "remove")
    return operations.tag_cases(ids, by=by, add=add, remove=remove, check_only=check_only)


def _flag(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.flag_cases(ids, by=by, check_only=check_only)


def _unflag(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.unflag_cases(ids, by=by, check_only=check_only)


def _flag_mine(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.flag_cases_for_me(ids, by=by, check_only=check_only)


def _unflag_mine(ids: list[int], by: Actor) -> Outcome:
    return operations.flag_cases_for_me(ids, by=by, up=False)


def _unflag_mine_too(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.flag_cases_for_me(ids, by=by, up=False, check_only=check_only)


def _flag_mine_again(ids: list[int], by: Actor) -> Outcome:
    return operations.flag_cases_for_me(ids, by=by)


def _set_field(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    values = {arguments["key"]: arguments["value"]}
    return operations.set_custom_fields_of(ids, values, by=by, check_only=check_only)


def _no_undo_of_text(arguments: Mapping[str, Any]) -> str:
    """Free text may be personal, so no event keeps what stood there before."""
    field = CustomField.objects.filter(key=arguments["key"]).first()
    if field is None or not field.is_free_text:
        return ""
    return (
        _("“%s” holds free text, which is not kept in the history: what stood there cannot be restored.") % field.name
    )


def _snooze(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    until = datetime.fromisoformat(arguments["until"])
    return operations.snooze_cases(ids, until=until, by=by, check_only=check_only)


def _wake(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.wake_cases(ids, by=by, check_only=check_only)


def _resolve(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    resolution = Resolution(
        reason=_entry(ClosureReason, arguments, "closure_reason"),
        note=arguments["note"],
        method=_entry(ResolutionMethod, arguments, "method"),
        channel=_entry(CloseChannel, arguments, "channel"),
        subject=_entry(NoteSubject, arguments, "subject"),
        tags=_tags(arguments, "tags"),
    )
    return operations.resolve_cases(ids, resolution, by=by, check_only=check_only)


def _reopen(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    reason = _entry(ReopenReason, arguments, "reopen_reason")
    return operations.reopen_cases(ids, reason=reason, note=arguments["note"], by=by, check_only=check_only)


def _close(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    return operations.close_cases(ids, by=by, check_only=check_only)


def _merge(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    """The target is a row like the others: it gets events too, and is undone with them."""
    target = _needed(Case, arguments, "into")
    sources = [pk for pk in ids if pk != target.pk]
    outcome = operations.merge_cases(sources, into=target, by=by, check_only=check_only)
    if target.pk in ids:
        if outcome.done:
            outcome.done.append(target.pk)
        else:
            outcome.refuse(target, NothingToChange(_("No case was merged into it.")))
    return outcome


for _action in (
    Action("assign", gettext_lazy("Assign"), "assign_case", _assign),
    Action("unassign", gettext_lazy("Unassign"), "assign_case", _unassign),
    Action("reroute", gettext_lazy("Re-route"), "reroute_case", _reroute),
    Action("set_topic", gettext_lazy("Set topic"), "change_case", _set_topic),
    Action("set_type", gettext_lazy("Set type"), "change_case", _set_type),
    Action("set_priority", gettext_lazy("Set priority"), "change_case", _set_priority),
    Action("set_field", gettext_lazy("Set a custom field"), "change_case", _set_field, no_undo=_no_undo_of_text),
    Action("tag", gettext_lazy("Tags"), "tag_case", _tag),
    Action("flag", gettext_lazy("Flag for everybody"), "flag_case", _flag),
    Action("unflag", gettext_lazy("Remove flag for everybody"), "flag_case", _unflag),
    Action("flag_mine", gettext_lazy("Flag for me"), "view_case", _flag_mine, take_back=_unflag_mine),
    Action(
        "unflag_mine", gettext_lazy("Remove my flag"), "view_case", _unflag_mine_too, take_back=_flag_mine_again
    ),
    Action("snooze", gettext_lazy("Snooze until"), "wait_case", _snooze),
    Action("wake", gettext_lazy("Wake"), "wait_case", _wake),
    Action("resolve", gettext_lazy("Resolve"), "resolve_case", _resolve),
    Action("reopen", gettext_lazy("Reopen"), "reopen_case", _reopen),
    Action("close", gettext_lazy("Close"), "close_case", _close),
    Action(
        "merge", gettext_lazy("Merge into one case"), "merge_case", _merge, is_whole=True,
        beside=lambda arguments: [arguments["into"]],
    ),
    Action("export", gettext_lazy("Export"), "export_case", None),
    Action(
        "replace_entry", gettext_lazy("Merge an entry of a list"), "change_case", entries.replace, is_offered=False
    ),
    Action("recount", gettext_lazy("Count in the hours of today"), "change_case", entries.recount, is_offered=False),
    Action("rerank", gettext_lazy("New rank of a priority"), "change_case", entries.rerank, is_offered=False),
):  # fmt: skip
    actions.register(_action.key, _action)
