"""Macros: what each step would do to a case, and all of them in one transaction, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from case_management.bulk.actions import actions
from case_management.bulk.sending import Sent, send_response
from case_management.bulk.step_words import step_in_words
from case_management.bulk.steps import AFTER_SENDING, QUIET, RESOLVE, RESPONSE, SEND, response_called
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, MacroRefused, NothingToChange
from case_management.models import Case, Macro, Message, ScriptedResponse, Unit
from case_management.models.macro import macros_for
from case_management.operations.reply_to_case import goes_with

#: So many macros of a case have a key: 1 to 9, in their order.
KEYS = 9
#: The code of a step that waits for an unfinished letter.
HELD = "held_back"


@dataclass(frozen=True)
class StepTaken:
    """One step and what came of it; ``code`` and ``reason`` say why it was refused, or why nothing was done.

    ``letter`` is what it wrote to the customer, ``asks`` what somebody has to answer before it may be sent.
    """

    words: str
    code: str = ""
    reason: str = ""
    letter: Message | None = None
    asks: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether it keeps the macro from running."""
        return bool(self.code) and not (self.is_idle or self.is_held)

    @property
    def is_held(self) -> bool:
        """Whether it waits for a letter that somebody has to finish first."""
        return self.code == HELD

    @property
    def is_idle(self) -> bool:
        """Whether the case is so already."""
        return self.code == NothingToChange.code


@dataclass
class Run:
    """The steps as they were taken; ``response`` is what waits in the composer now, ``letter`` what was written."""

    steps: list[StepTaken] = field(default_factory=list)
    response: ScriptedResponse | None = None
    letter: Message | None = None
    #: A response that was to be sent asks its writer something first.
    is_open: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether no step is refused."""
        return not any(step.is_refused for step in self.steps)


def offered_macros(user: Any, case: Case) -> list[Macro]:
    """What ``user`` may run on ``case``, in its order; one query."""
    paths = []
    if case.unit is not None:
        step = int(Unit.steplen)
        paths = [case.unit.path[:end] for end in range(step, len(case.unit.path) + 1, step)]
    rows = macros_for(user).filter(Q(unit=None) | Q(unit__path__in=paths), is_active=True).exclude(steps=[])
    return list(rows.order_by("position", "name", "pk"))


def is_quiet(macro: Macro) -> bool:
    """Whether it needs no second look: nothing is sent, written or decided that others hear of."""
    return all(step.get("action") in QUIET for step in macro.steps)


def preview_macro(macro: Macro, case: Case, *, by: Actor) -> Run:
    """What would happen: every step is taken and taken back, so that each one sees what those before it did."""
    run = Run()
    with transaction.atomic():
        for step in macro.steps:
            run.steps.append(_taken(step, case, by, run))
        transaction.set_rollback(True)
    return run


@transaction.atomic
def run_macro(macro: Macro, case: Case, *, by: Actor) -> Run:
    """Take every step. Raises MacroRefused, and changes nothing, when one is refused; an idle step is passed over."""
    run = Run()
    for number, step in enumerate(macro.steps, start=1):
        taken = _taken(step, case, by, run)
        if taken.is_refused:
            raise MacroRefused(
                _("“%(macro)s” was not run, nothing was changed. Step %(number)d, “%(step)s”: %(reason)s")
                % {"macro": macro, "number": number, "step": taken.words, "reason": taken.reason},
                step=number,
            )
        run.steps.append(taken)
    return run


def _taken(step: Mapping[str, Any], case: Case, by: Actor, run: Run) -> StepTaken:
    words = step_in_words(step)
    if run.is_open and step["action"] in AFTER_SENDING:
        return StepTaken(words, HELD, _("Not now: the letter before it is to be finished and sent first."))
    try:
        with transaction.atomic():
            if step["action"] == SEND:
                return _wrote(words, send_response(case.pk, step["response"], by=by), run)
            _act(step, case, by, run)
    except CaseManagementError as error:
        return StepTaken(words, error.code, error.message)
    return StepTaken(words)


def _act(step: Mapping[str, Any], case: Case, by: Actor, run: Run) -> None:
    action = actions.get(step["action"])
    outcome = action.act([case.pk], step, by, False) if action.act else None
    if outcome is not None and outcome.refused:
        raise outcome.refused[0].error
    if step["action"] == RESPONSE:
        run.response = response_called(step["response"])
    if step["action"] == RESOLVE and run.letter is not None and outcome is not None:
        goes_with(run.letter, outcome.spans[case.pk][1])


def _wrote(words: str, sent: Sent, run: Run) -> StepTaken:
    """What cannot leave by itself waits in the composer."""
    if sent.message is None:
        run.response, run.is_open = sent.response, True
    run.letter = sent.message or run.letter
    return StepTaken(words, letter=sent.message, asks=sent.asks)
