"""What a rule's actions would do to a case: the verbs' own decisions, of which nothing is recorded.

Every action that changes cases leaves its verb's plan instead of being carried out; the plan then decides about cases
in memory, as they are or as they were. What it decides follows the same code as when the rule acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.domain import transitions
from case_management.domain.actor import Actor, ActorKind
from case_management.domain.events import CaseAssigned, Event, TagsChanged
from case_management.domain.states import DONE
from case_management.exceptions import CaseManagementError, GateNotMet, NothingToChange
from case_management.models import Case, Rule, RuleFiring
from case_management.operations.applying import Decide, caught_plans
from case_management.rules.actions.base import Action, Firing, checked_parameters
from case_management.rules.actions.change import Change
from case_management.timeline.projection import project

#: Facts that only say again what another one says.
_ECHOES = frozenset(
    {"priority_rank", "urgent_at", "sla_due_at", "sla_calendar_id", "sla_terms_id", "sla_target", "sla_remaining"}
)
#: Actions that change cases by a verb although they are no :class:`Change`.
_BY_VERBS = frozenset({"set_field", "escalate"})
#: Actions whose plan differs from case to case, and by what.
_VARYING: Mapping[str, tuple[str, ...]] = {"reroute": ("unit_id", "team_id"), "snooze": ("at",), "escalate": ()}


class Onlooker(Actor):
    """A rule that decides as of whatever moment it is shown."""

    def look_at(self, at: datetime) -> None:
        """From here on it is this moment."""
        object.__setattr__(self, "at", at)


@dataclass
class Foreseen:
    """What one action would do: facts with before and after, or why it would do nothing, or what else it does."""

    action: str
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    idle: str = ""
    refused: str = ""
    #: What is no change of facts: ``notify``, ``customer``, ``addresses``, ``alert``, ``webhook``, ``chain``, or
    #: ``unforeseen`` with the key of an action that is not known here.
    tells: dict[str, Any] = field(default_factory=dict)


class Foresight:
    """One rule over one chunk of cases; what the verbs have to read is read once for all of them."""

    def __init__(self, rule: Rule, cases: Mapping[int, Case]) -> None:
        self._rule, self._cases = rule, cases
        self._by = Onlooker(ActorKind.RULE, rule.label, at=timezone.now())
        self._actions = [checked_parameters(stored) for stored in rule.actions]
        self._keys = [str(stored["action"]) for stored in rule.actions]
        self._plans: dict[tuple[Any, ...], tuple[str, Decide] | CaseManagementError] = {}

    def foresee(self, case: Case, tags: set[int], at: datetime, *, automatic: bool = False) -> list[Foreseen]:
        """Each action in order; ``case`` is changed in memory as the actions would, ``tags`` are those it has."""
        self._by.look_at(at)
        held, found = set(tags), []
        for place in range(len(self._actions)):
            one = Foreseen(self._keys[place])
            try:
                one.events = self._decided(place, case, held, one, automatic=automatic)
            except NothingToChange as error:
                one.idle = str(error)
            except CaseManagementError as error:
                one.refused = str(error)
            _take_in(one, case, held, at)
            found.append(one)
        return found

    def _decided(self, place: int, case: Case, tags: set[int], one: Foreseen, *, automatic: bool) -> list[Event]:
        (action, parameters), key = self._actions[place], self._keys[place]
        if key in ("tag", "untag"):
            return _tagged(case, tags, key, {tag.pk for tag in parameters["tags"]})
        if key == "assign_to" and case.pk < 0:
            # A case that was never there has nobody who may not see it.
            return [CaseAssigned(to=parameters["user"].pk, previous=case.assignee_id, strategy="rule")]
        if key in _BY_VERBS or issubclass(action, Change):
            verb, decide = self._plan(place, case)
            transitions.require(verb, case.state)
            return decide(case)
        one.tells = _tells(key, parameters, case, automatic=automatic)
        return []

    def _plan(self, place: int, case: Case) -> tuple[str, Decide]:
        """The verb and how it decides; read at the first case for which it differs."""
        key = self._keys[place]
        names = _VARYING.get(key, ())
        varying = (place, *(self._by.at if name == "at" else getattr(case, name) for name in names))
        if key == "snooze" or varying not in self._plans:
            self._plans[varying] = self._caught(place, case)
        found = self._plans[varying]
        if isinstance(found, CaseManagementError):
            raise found
        return found

    def _caught(self, place: int, case: Case) -> tuple[str, Decide] | CaseManagementError:
        action, parameters = self._actions[place]
        cases = [case] if self._keys[place] in _VARYING else list(self._cases.values())
        firings = [Firing(RuleFiring(trace={}), self._rule, case=one) for one in cases]
        try:
            with caught_plans() as plans:
                _carry_out(action, firings, parameters, self._by)
            verb, plan = plans[0]
            return verb, plan(sorted(self._cases))
        except CaseManagementError as error:
            return error


def _carry_out(action: type[Action], firings: list[Firing], parameters: Mapping[str, Any], by: Actor) -> None:
    if issubclass(action, Change):
        action.carry_out(firings, parameters, by)
    else:
        action.act(firings, parameters, by=by)


def _tagged(case: Case, tags: set[int], key: str, named: set[int]) -> list[Event]:
    """As the verb decides, about the tags that the case had."""
    transitions.require("tag", case.state)
    added, removed = (named - tags, set[int]()) if key == "tag" else (set[int](), named & tags)
    if not added and not removed:
        raise NothingToChange(_("The case has exactly these tags already."))
    return [TagsChanged(added=tuple(sorted(added)), removed=tuple(sorted(removed)))]


def _tells(key: str, parameters: Mapping[str, Any], case: Case, *, automatic: bool) -> dict[str, Any]:
    """What an action does beside changing the case."""
    if key in ("respond", "ask_satisfaction"):
        return _answered(key, case, automatic=automatic)
    if key == "forward":
        transitions.require("forward", case.state)
        return {"addresses": list(parameters["to"])}
    if key == "assign":
        if not case.is_open or case.assignee_id is not None:
            raise NothingToChange(_("Only open cases that nobody has are assigned."))
        return {"chain": list(parameters["chain"])}
    plain = {"notify": "to", "webhook": "to"}
    if key in plain:
        return {key: parameters[plain[key]]}
    return {"alert": True} if key == "alert" else {} if key == "stop" else {"unforeseen": key}


def _answered(key: str, case: Case, *, automatic: bool) -> dict[str, Any]:
    """A letter to the customer, where the action would write one."""
    transitions.require("reply", case.state)
    if automatic:
        raise GateNotMet(_("A machine wrote the message; it gets no answer."))
    if key == "ask_satisfaction" and (case.state not in DONE or case.reopen_count):
        raise GateNotMet(_("Satisfaction is asked for once: when a case is resolved for the first time."))
    return {"customer": True}


def _take_in(one: Foreseen, case: Case, tags: set[int], at: datetime) -> None:
    """Change the case in memory and note what changed."""
    for event in one.events:
        for name, after in event.changes(at).items():
            before = getattr(case, name)
            if name not in _ECHOES and before != after:
                _note(one.changes, name, before, after)
        if isinstance(event, TagsChanged):
            _note(one.changes, "tags", sorted(tags), sorted((tags | set(event.added)) - set(event.removed)))
            tags |= set(event.added)
            tags -= set(event.removed)
        project(case, event, at)


def _note(changes: dict[str, tuple[Any, Any]], name: str, before: Any, after: Any) -> None:
    if name == "custom":
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                changes[f"custom.{key}"] = (before.get(key), after.get(key))
        return
    changes[name] = (changes[name][0] if name in changes else before, after)
