"""One error class per reason; each has a stable ``code`` that doors translate once (message, 409, 422)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _


class CaseManagementError(Exception):
    """Base of every error that this package raises on purpose.

    ``code`` never changes between releases; ``http_status`` is what an HTTP door answers.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 422

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message or self.default_message())
        self.details = details

    @property
    def message(self) -> str:
        """One sentence for a person: what is wrong and how to mend it."""
        return str(self)

    def default_message(self) -> str:
        """The sentence used when the raiser gives none."""
        return _("The action is not possible.")


class TransitionNotAllowed(CaseManagementError):
    """The transition table has no such step from the case's status."""

    code = "transition_not_allowed"
    http_status = 409


class GateNotMet(CaseManagementError):
    """Something that the step needs (reason, note, tags) is missing; ``details["fields"]`` names the fields."""

    code = "gate_not_met"


class RightMissing(CaseManagementError):
    """The actor may not do this to this case."""

    code = "right_missing"
    http_status = 403


class StaleCase(CaseManagementError):
    """Somebody changed the same field since the actor read the case; ``details["conflicts"]`` names both values."""

    code = "stale_case"
    http_status = 409


class StaleContact(CaseManagementError):
    """Somebody changed the contact since the actor read it."""

    code = "stale_contact"
    http_status = 409


class StaleRule(CaseManagementError):
    """Somebody changed the rule since the actor read it."""

    code = "stale_rule"
    http_status = 409


class NewsArrived(CaseManagementError):
    """The customer or a colleague wrote since the actor opened the case; whoever read it may send again."""

    code = "news_arrived"
    http_status = 409


class NotAssignable(CaseManagementError):
    """The chosen person is inactive or may not see the case."""

    code = "not_assignable"


class NobodyAvailable(CaseManagementError):
    """Nobody who covers the case can take it now: all are absent, outside their hours, or have enough to do."""

    code = "nobody_available"
    http_status = 409


class ValueUnknown(CaseManagementError):
    """A value is not in the list it must come from, or is no longer active there."""

    code = "value_unknown"


class NothingToChange(CaseManagementError):
    """The case already is as asked; nothing was recorded."""

    code = "nothing_to_change"
    http_status = 409


class SelectionChanged(CaseManagementError):
    """Other cases than those that were shown would be changed; ``details["total"]`` says how many there are now."""

    code = "selection_changed"
    http_status = 409


class InvalidConfiguration(CaseManagementError):
    """A setting, rule or mapping is not usable; the message names the key and the mend."""

    code = "invalid_configuration"


class KeyReused(CaseManagementError):
    """The same idempotency key came with a different body."""

    code = "idempotency_key_reused"
    http_status = 409


class RowInvalid(CaseManagementError):
    """One row of a file cannot be taken in; ``details`` holds ``row``, ``column`` and ``mend``."""

    code = "row_invalid"


class FileRefused(CaseManagementError):
    """A file is too large, or cannot be kept at present."""

    code = "file_refused"


class PromptsUnanswered(CaseManagementError):
    """A letter still has places to be filled in; ``details["names"]`` names them."""

    code = "prompts_unanswered"


class LockedPartChanged(CaseManagementError):
    """A part that may not be edited was; ``details`` holds its name (``part``) and its words (``original``)."""

    code = "locked_part_changed"


class TextTooLong(CaseManagementError):
    """A letter is longer than anybody sends."""

    code = "text_too_long"


class MacroRefused(CaseManagementError):
    """A step of a macro was refused, so none was taken; ``details["step"]`` is its number, from 1."""

    code = "macro_refused"


class RuleNotInState(CaseManagementError):
    """A version of a rule is not where such a step starts from; somebody was quicker."""

    code = "rule_not_in_state"
    http_status = 409
