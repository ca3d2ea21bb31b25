"""Assign cases by a chain of strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from case_management.assignment import Chain, strategies
from case_management.domain.actor import Actor
from case_management.exceptions import NobodyAvailable
from case_management.models import AssignmentChain
from case_management.operations import assign_by_chain
from case_management.rules.actions.base import Action, Firing, WordsField, actions

DEFAULT_CHAIN = ["smart", "workload", "random"]


class ChainField(WordsField):
    """The key of a chain that was set up, or names of strategies in the order in which they narrow."""

    def clean(self, value: Any) -> list[str]:
        """The chain, or the default one."""
        chain = super().clean(value) or DEFAULT_CHAIN
        if len(chain) == 1 and chain[0] not in strategies and _set_up(chain[0]):
            return chain
        unknown = [name for name in chain if name not in strategies]
        if unknown:
            raise forms.ValidationError(
                _("Unknown strategy or chain: %(unknown)s. Known: %(known)s."),
                params={"unknown": ", ".join(unknown), "known": ", ".join([*strategies, *_keys()])},
            )
        return chain


def _keys() -> list[str]:
    return list(AssignmentChain.objects.active().values_list("key", flat=True))


def _set_up(key: str) -> AssignmentChain | None:
    row: AssignmentChain | None = AssignmentChain.objects.active().select_related("user_field").filter(key=key).first()
    return row


def chain_of(words: Sequence[str]) -> Chain:
    """What the parameter means now: the chain with this key, or these strategies."""
    row = _set_up(words[0]) if len(words) == 1 and words[0] not in strategies else None
    return Chain.of(row, timezone.now()) if row else Chain(tuple(words))


@actions.registered("assign")
class Assign(Action):
    """Only open, unassigned cases; who is chosen among whom goes into the trace."""

    label = _("Assign by a chain of strategies")

    class Parameters(forms.Form):
        """``chain``: key of a chain, or strategies in order; default smart, workload, random."""

        chain = ChainField(
            required=False, label=_("Strategies, in order"), help_text=_("Empty: smart, workload, random.")
        )

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Choose for all, then assign all."""
        waiting = {f.case.pk: f for f in firings if f.case and f.case.is_open and f.case.assignee_id is None}
        assigned = assign_by_chain(list(waiting), chain=chain_of(parameters["chain"]), by=by)
        refused = {refusal.case_id: refusal.error for refusal in assigned.outcome.refused}
        for case_id, firing in waiting.items():
            choice, error = assigned.choices.get(case_id), refused.get(case_id)
            result: dict[str, Any] = {"to": choice.user_id, **choice.as_json()} if choice else {"to": None}
            if error and not isinstance(error, NobodyAvailable):
                result["refused"] = str(error)
            firing.note({"action": "assign", **result} | ({"waits": True} if case_id in assigned.waiting else {}))
