"""Rules that name what is gone or switched off, texts that ask for what nobody fills in, and mails to nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils.translation import gettext as _

from case_management import models
from case_management.exceptions import InvalidConfiguration
from case_management.models import Membership, ScriptedResponse, Team
from case_management.models.wording import ScriptedState
from case_management.rules.actions.base import actions, checked_parameters
from case_management.rules.actions.notify import ASSIGNEE, MANAGERS, MANAGES, ROLE, TEAM, TEAM_OF, USER, WATCHERS
from case_management.rules.conditions.tree import Leaf
from case_management.rules.custom_fields import require_offered
from case_management.rules.lint_finding import Finding, Read, Severity
from case_management.rules.words import say_leaf
from case_management.wordsmith import prompts_of
from case_management.wordsmith.authoring import check_text
from case_management.wordsmith.written import SLOT

#: What a condition is about → whose entries it names, and by what.
_ENTRIES: Mapping[str, tuple[Any, str]] = {
    "topic": (models.Topic, "key"),
    "unit": (models.Unit, "number"),
    "unit_number": (models.Unit, "number"),
    "case_type": (models.CaseType, "key"),
    "priority": (models.Priority, "key"),
    "source": (models.Source, "key"),
    "team": (models.Team, "key"),
    "tags": (models.Tag, "key"),
    "contact_tags": (models.Tag, "key"),
    "closure_reason": (models.ClosureReason, "key"),
    "resolution_method": (models.ResolutionMethod, "key"),
    "close_channel": (models.CloseChannel, "key"),
    "reopen_reason": (models.ReopenReason, "key"),
    "sla_policy": (models.SlaPolicy, "key"),
    "assignee": (get_user_model(), get_user_model().USERNAME_FIELD),
    "watchers": (get_user_model(), get_user_model().USERNAME_FIELD),
    "done_by": (get_user_model(), get_user_model().USERNAME_FIELD),
}
#: Actions whose text is sent as it stands.
_PLAIN_TEXTS = {"note": "text", "forward": "text", "escalate": "reason", "resolve": "note", "reopen": "note"}


@dataclass
class Entries:
    """Which entries there are, and which of them are on offer; each list is read once for all rules."""

    _read: dict[Any, dict[str, bool]] = field(default_factory=dict)

    def state(self, model: Any, name: str, key: str) -> bool | None:
        """True: on offer; False: switched off; None: not there."""
        if model not in self._read:
            flags = ("is_active",) if any(column.name == "is_active" for column in model._meta.fields) else ()
            rows = model._default_manager.values_list(name, *flags)
            self._read[model] = {str(row[0]): bool(row[1]) if flags else True for row in rows}
        return self._read[model].get(key)


def dead_values(read: Read, entries: Entries) -> Iterator[Finding]:
    """Conditions and actions on what is switched off, or is not there any more."""
    for leaf in read.tree.leaves():
        yield from _dead_in_condition(read, leaf, entries)
    for at, stored in enumerate(read.rule.actions, 1):
        yield from _dead_in_action(read, _("action %d") % at, stored, entries)


def _dead_in_condition(read: Read, leaf: Leaf, entries: Entries) -> Iterator[Finding]:
    where = _("conditions: %s") % say_leaf(leaf)
    try:
        require_offered(leaf.field, leaf.value)
    except InvalidConfiguration as error:
        yield read.finding("dead_value", where, error.message, _("Take the condition out, or ask something else."))
    model, name = _ENTRIES.get(leaf.name.removeprefix("changed.").removeprefix("response."), (None, ""))
    for key in _values(leaf.value) if model else ():
        state = entries.state(model, name, key)
        if not state:
            yield _dead(read, where, key, is_there=state is not None)


def _values(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [str(each) for each in value.values() if each]
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _dead(read: Read, where: str, key: str, *, is_there: bool) -> Finding:
    why = _("“%s” is switched off.") if is_there else _("There is no “%s” any more.")
    mend = _("Switch it on again, or name another one.") if is_there else _("Name another one.")
    return read.finding("dead_value", where, why % key, mend)


def _dead_in_action(read: Read, where: str, stored: Any, entries: Entries) -> Iterator[Finding]:
    known = isinstance(stored, Mapping) and stored.get("action") in actions
    fields = actions.get(str(stored["action"])).Parameters.base_fields if known else {}
    found = [
        _dead(read, where, key, is_there=state is not None)
        for name, asked in fields.items()
        if isinstance(asked, forms.ModelChoiceField) and asked.queryset is not None
        and asked.queryset.model is not ScriptedResponse
        for key in _values(stored.get(name))
        if not (state := entries.state(asked.queryset.model, asked.to_field_name or "pk", key))
    ]  # fmt: skip
    yield from found
    if not found:
        try:
            checked_parameters(stored)
        except InvalidConfiguration as error:
            mend = _("Mend it in the builder.")
            yield read.finding("refused_action", where, error.message, mend, Severity.ERROR)


# --- texts ---


def unknown_names(read: Read) -> Iterator[Finding]:
    """Names in brackets that nobody fills in: in the response that is sent, and in texts that go out as they stand."""
    for at, stored in enumerate(read.rule.actions, 1):
        where, action = _("action %d") % at, str(stored.get("action"))
        text = str(stored.get(_PLAIN_TEXTS.get(action, ""), ""))
        if slot := SLOT.search(text):
            why = _("[[%s]] is not filled in here.") % slot[1]
            mend = _("Write the words themselves, or send a scripted response.")
            yield read.finding("unknown_variable", where, why, mend)
        if action in ("respond", "ask_satisfaction") and (why := wrong_response(str(stored.get("response")))):
            yield read.finding("unknown_variable", where, why, _("Mend the response and have it approved."))


def wrong_response(key: str) -> str:
    """What the approved response of this key asks for that nobody fills in; empty when all is known."""
    response = ScriptedResponse.objects.filter(key=key, state=ScriptedState.APPROVED).first()
    if response is None:
        return ""
    try:
        check_text(response.subject, prompts_of(response), is_subject=True)
        check_text(response.body, prompts_of(response))
    except InvalidConfiguration as error:
        return str(error.message)
    return ""


def macros_with_unknown_names() -> Iterator[Finding]:
    """Active macros whose response asks for what nobody fills in, or is not approved any more."""
    for macro in models.Macro.objects.filter(is_active=True):
        for at, step in enumerate(macro.steps, 1):
            key = step.get("response")
            if not isinstance(key, str):
                continue
            approved = ScriptedResponse.objects.filter(key=key, state=ScriptedState.APPROVED).exists()
            why = wrong_response(key) if approved else _("There is no approved response “%s”.") % key
            if why:
                where, mend = _("step %d") % at, _("Mend the response, or choose another one.")
                code = "unknown_variable" if approved else "dead_value"
                yield Finding(code, Severity.WARNING, macro.key, macro.name, where, why, mend)


# --- mails ---


def without_recipients(read: Read) -> Iterator[Finding]:
    """Notifications that reach nobody today, and single recipients among others who are nobody."""
    for at, stored in enumerate(read.rule.actions, 1):
        if stored.get("action") != "notify":
            continue
        words = stored["to"] if isinstance(stored.get("to"), list) else [stored.get("to") or ""]
        empty = [word for word in words if _is_nobody(str(word))]
        if not empty:
            continue
        severity = Severity.ERROR if len(empty) == len(words) else Severity.WARNING
        mend = _("Name somebody who is active and has an e-mail address.")
        why = _("Nobody is behind: %s.") % ", ".join(empty)
        yield read.finding("mails_nobody", _("action %d") % at, why, mend, severity)


def _is_nobody(word: str) -> bool:
    """Who is assigned, watches or works in the case's team is known only with the case."""
    if word in (ASSIGNEE, TEAM, WATCHERS):
        return False
    people = get_user_model()._default_manager.filter(is_active=True).exclude(email="")
    if word == MANAGERS:
        managing = Permission.objects.filter(codename=MANAGES, content_type__app_label="case_management")
        held = Membership.objects.filter(role__permissions__in=managing)
        return not people.filter(Q(pk__in=held.values("user")) | Q(is_superuser=True)).exists()
    if word.startswith(USER):
        return not people.filter(**{get_user_model().USERNAME_FIELD: word.removeprefix(USER)}).exists()
    if word.startswith(TEAM_OF):
        members = Team.members.through.objects.filter(team__key=word.removeprefix(TEAM_OF))
        return not people.filter(pk__in=members.values("user")).exists()
    if word.startswith(ROLE):
        holders = Membership.objects.filter(role__name=word.removeprefix(ROLE))
        return not people.filter(pk__in=holders.values("user")).exists()
    return True
