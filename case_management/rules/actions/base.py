"""What an action is, what it acts on, and the registry that hosts add their own to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration
from case_management.models import Case, Interaction, Rule, RuleFiring
from case_management.registry import Registry


@dataclass
class Firing:
    """One time that a rule acts: the ledger's row, and what it is about; ``case`` may come to be on the way."""

    row: RuleFiring
    rule: Rule
    interaction: Interaction | None = None
    case: Case | None = None

    @property
    def subject_id(self) -> int:
        """Primary key of what the rule was asked about: the interaction, else the case."""
        subject = self.interaction or self.case
        return subject.pk if subject else 0

    def note(self, entry: dict[str, Any]) -> None:
        """Add what an action did to the trace."""
        self.row.trace.setdefault("actions", []).append(entry)


class Action:
    """Base of all actions; parameters are a Django form, so the builder, the API and the linter check alike.

    >>> from case_management.rules.actions import Action, actions
    >>> @actions.registered("ring_bell")
    ... class RingBell(Action):
    ...     label = "Ring the bell"
    ...     class Parameters(forms.Form):
    ...         times = forms.IntegerField(min_value=1)
    ...     @staticmethod
    ...     def act(firings, parameters, *, by): ...
    """

    label: ClassVar[str | Promise]
    Parameters: ClassVar[type[forms.Form]] = forms.Form

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Act on every firing, set-based; refusals are noted in the trace, not raised."""
        raise NotImplementedError


actions: Registry[type[Action]] = Registry("action")


def checked_parameters(stored: Any) -> tuple[type[Action], dict[str, Any]]:
    """The action and its cleaned parameters; InvalidConfiguration names what is wrong and the mend."""
    if not isinstance(stored, dict) or "action" not in stored:
        raise InvalidConfiguration(_('An action is an object with the key "action"; known: %s.') % ", ".join(actions))
    action = actions.get(str(stored["action"]))
    given = {key: value for key, value in stored.items() if key != "action"}
    form = action.Parameters(given)
    unknown = set(given) - set(form.fields)
    if unknown:
        raise InvalidConfiguration(
            _("“%(action)s” does not know %(unknown)s; it takes: %(known)s.")
            % {"action": stored["action"], "unknown": ", ".join(sorted(unknown)), "known": ", ".join(form.fields)}
        )
    if not form.is_valid():
        problems = "; ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        raise InvalidConfiguration(_("“%(action)s”: %(problems)s") % {"action": stored["action"], "problems": problems})
    return action, form.cleaned_data


class KeyField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only for the type checker
    """An entry of a list, named by its key."""

    def __init__(self, queryset: Any, *, key: str = "key", required: bool = False, label: Any = None) -> None:
        super().__init__(queryset, to_field_name=key, required=required, label=label)
        self.error_messages["invalid_choice"] = _("There is no active entry with this key; use one of the list's keys.")

    def label_from_instance(self, obj: Any) -> str:
        """Nodes of a tree with their depth."""
        return str(obj.indented() if hasattr(obj, "indented") else obj)


class WordsInput(forms.TextInput):
    """A list as people type it: with commas."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The words of a form's text; a rule's list as it is."""
        value = super().value_from_datadict(data, files, name)
        return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value

    def format_value(self, value: Any) -> str | None:
        """With commas again."""
        return ", ".join(map(str, value)) if isinstance(value, list) else super().format_value(value)


class WordsField(forms.Field):
    """A list of words; a single word is a list of one."""

    widget = WordsInput

    def clean(self, value: Any) -> list[str]:
        """The words, checked to be texts."""
        words = [value] if isinstance(value, str) else (value or [])
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            raise forms.ValidationError(_("Give a list of words."))
        if self.required and not words:
            raise forms.ValidationError(_("Give at least one word."))
        return words
