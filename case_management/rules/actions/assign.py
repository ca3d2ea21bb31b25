"""Assign cases by a chain of strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.access import Coverage
from case_management.assignment import choose, strategies
from case_management.domain.actor import Actor
from case_management.operations import assign_cases
from case_management.rules.actions.base import Action, Firing, WordsField, actions

#: The right that makes somebody a candidate.
WORKS_CASES = "resolve_case"
DEFAULT_CHAIN = ["smart", "workload", "random"]


class ChainField(WordsField):
    """Names of registered strategies, in the order in which they narrow."""

    def clean(self, value: Any) -> list[str]:
        """The chain, or the default one."""
        chain = super().clean(value) or DEFAULT_CHAIN
        unknown = [name for name in chain if name not in strategies]
        if unknown:
            raise forms.ValidationError(
                _("Unknown strategy: %(unknown)s. Known: %(known)s."),
                params={"unknown": ", ".join(unknown), "known": ", ".join(strategies)},
            )
        return chain


@actions.registered("assign")
class Assign(Action):
    """Only open, unassigned cases; who is chosen among whom goes into the trace."""

    label = _("Assign by a chain of strategies")

    class Parameters(forms.Form):
        """``chain``: strategies in order; default smart, workload, random."""

        chain = ChainField(required=False)

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Choose for all, then assign all."""
        waiting = {f.case.pk: f for f in firings if f.case and f.case.is_open and f.case.assignee_id is None}
        cases = [firing.case for firing in waiting.values() if firing.case]
        choices = choose(cases, parameters["chain"], Coverage.load(WORKS_CASES, cases))
        chosen = {case_id: choice.user_id for case_id, choice in choices.items() if choice.user_id is not None}
        outcome = assign_cases(chosen, by=by, strategy=" › ".join(parameters["chain"]))
        refused = {refusal.case_id: str(refusal.error) for refusal in outcome.refused}
        for case_id, firing in waiting.items():
            choice = choices[case_id]
            result = {"to": choice.user_id, "by": choice.strategy, "steps": choice.steps}
            firing.note({"action": "assign", **result, **({"refused": refused[case_id]} if case_id in refused else {})})
