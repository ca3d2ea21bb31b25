"""The actions as they stand on the page: each with the form of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Model
from django.http import QueryDict

from case_management.exceptions import InvalidConfiguration
from case_management.rules.actions.base import actions
from case_management.rules.authoring import validate_action

#: More than this nobody reads before switching a rule on.
MOST_ACTIONS = 20
_NOTHING: tuple[Any, ...] = (None, "", [], False)


@dataclass
class ActionDraft:
    """One action and what stands in its inputs, by the names of its parameters."""

    key: str
    raw: dict[str, Any] = field(default_factory=dict)
    is_new: bool = False

    def form(self, at: int) -> forms.Form:
        """Bound, unless the action was just added."""
        prefix = f"a{at}"
        data = None if self.is_new else {f"{prefix}-{name}": value for name, value in self.raw.items()}
        made = actions.get(self.key).Parameters(data, prefix=prefix, auto_id="cm-rule-%s", label_suffix="")
        for bound in made:
            bound.field.widget.attrs.setdefault("class", "cm-input")
        return made

    def stored(self, form: forms.Form) -> dict[str, Any]:
        """For the rule's JSON: entries by their keys, and nothing of what was left empty."""
        if not form.is_valid():
            return {"action": self.key, **self.raw}
        keeps: Any = getattr(form, "stored", None)
        if keeps is not None:
            return {"action": self.key, **keeps()}
        held = {name: _plain(form.fields[name], value) for name, value in form.cleaned_data.items()}
        return {"action": self.key, **{name: value for name, value in held.items() if value not in _NOTHING}}


@dataclass
class ActionRow:
    """One action on the page."""

    at: int
    label: str
    draft: ActionDraft
    form: forms.Form
    is_first: bool
    is_last: bool
    error: str = ""


def drafts_of(stored: Any) -> list[ActionDraft]:
    """The actions of a rule; one that is not known any more is left out."""
    rows = stored if isinstance(stored, list) else []
    known = [row for row in rows if isinstance(row, Mapping) and row.get("action") in actions]
    return [ActionDraft(str(row["action"]), {k: v for k, v in row.items() if k != "action"}) for row in known]


def read_drafts(data: QueryDict) -> list[ActionDraft]:
    """The actions as the form sent them."""
    count = data.get("a.n", "0")
    found = []
    for at in range(min(int(count), MOST_ACTIONS) if count.isdecimal() else 0):
        key = data.get(f"a{at}.action", "")
        if key in actions:
            fields = actions.get(key).Parameters.base_fields
            raw = {name: one.widget.value_from_datadict(data, {}, f"a{at}-{name}") for name, one in fields.items()}
            found.append(ActionDraft(key, {name: value for name, value in raw.items() if value is not None}))
    return found


def carry_out(drafts: list[ActionDraft], command: str, chosen: str) -> bool:
    """“add-action”, “drop-action 1”, “up-action 1”, “down-action 1”; returns whether it did something."""
    verb, _space, place = command.partition(" ")
    if verb == "add-action" and chosen in actions and len(drafts) < MOST_ACTIONS:
        drafts.append(ActionDraft(chosen, is_new=True))
        return True
    if not place.isdecimal() or int(place) >= len(drafts):
        return False
    at = int(place)
    if verb == "drop-action":
        del drafts[at]
        return True
    to = {"up-action": at - 1, "down-action": at + 1}.get(verb, at)
    if 0 <= to < len(drafts) and to != at:
        drafts.insert(to, drafts.pop(at))
        return True
    return False


def rows_of(drafts: list[ActionDraft], occasion: str) -> list[ActionRow]:
    """With what is wrong with each, beside what its form says."""
    rows = []
    for at, draft in enumerate(drafts):
        form = draft.form(at)
        row = ActionRow(at, str(actions.get(draft.key).label), draft, form, at == 0, at == len(drafts) - 1)
        if not draft.is_new and form.is_valid():
            row.error = _error(occasion, draft.stored(form))
        rows.append(row)
    return rows


def _error(occasion: str, stored: dict[str, Any]) -> str:
    try:
        validate_action(occasion, stored)
    except InvalidConfiguration as error:
        return error.message
    return ""


def stored_actions(rows: list[ActionRow]) -> list[dict[str, Any]]:
    """For the rule's JSON."""
    return [row.draft.stored(row.form) for row in rows if row.form.is_bound]


def action_choices() -> list[tuple[str, str]]:
    """What may be added."""
    return sorted(((key, str(action.label)) for key, action in actions.items()), key=lambda pair: pair[1].casefold())


def is_sound(rows: list[ActionRow]) -> bool:
    """Whether every action can be carried out as it stands."""
    return all(row.form.is_bound and row.form.is_valid() and not row.error for row in rows)


def _plain(asked: Any, value: Any) -> Any:
    """As JSON: rows by what their field calls them."""
    if isinstance(value, Model):
        return str(getattr(value, getattr(asked, "to_field_name", None) or "pk", value.pk))
    if isinstance(asked, forms.ModelMultipleChoiceField):
        return [str(getattr(row, asked.to_field_name or "pk")) for row in value]
    return value
