"""Rules in the shadow: asked live like any other, but all that they do is write down what they would have done.

They look on before the live rules act, stop nobody, and take no turn from the live version of their rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from case_management import conf
from case_management.domain.actor import Actor
from case_management.models import Case, CaseTag, Interaction, Rule, ShadowFiring
from case_management.models.among import among
from case_management.operations.open_case import drawn_up
from case_management.rules import cadence
from case_management.rules.actions.base import checked_parameters
from case_management.rules.actions.open_case import case_to_join, draft_of
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.engine import Happening
from case_management.rules.foresight import Foreseen, Foresight
from case_management.rules.scope import whole_conditions
from case_management.timeline.projection import project
from case_management.trying.names import Names
from case_management.trying.recipients import ToTell, tell
from case_management.trying.result import told

#: What was written down in the shadow is kept so long.
KEEP = timedelta(days=90)
_OPENED = ("topic_id", "priority_id", "case_type_id", "unit_id", "team_id", "due_at")


def look_on(happening: Happening, rules: Sequence[Rule]) -> None:
    """Write down what these rules would have done on this occasion."""
    fields, about, names = fields_of(happening.occasion), happening.circumstances(), Names()
    for rule in rules:
        tree = parse(whole_conditions(rule.conditions, rule.scope), fields)
        held = set(about.subjects.filter(tree.compile(about)).values_list("pk", flat=True))
        subjects = [happening.subjects[pk] for pk in sorted(held)]
        if subjects:
            admission = cadence.weigh(rule, subjects, happening.events, happening.marks, ShadowFiring)
            _write(rule, admission.rows, happening, names)


def _write(rule: Rule, admitted: Sequence[Any], happening: Happening, names: Names) -> None:
    now = timezone.now()
    if happening.occasion == "interaction_received":
        found = _about_interactions(rule, [row.interaction for row in admitted], now, names)
    else:
        found = _about_cases(rule, [row.case for row in admitted], happening, names)
    ShadowFiring.objects.bulk_create(
        [
            ShadowFiring(
                rule=rule, key=row.key, interaction=row.interaction, case=row.case, contact_id=row.contact_id,
                event=row.event, about_at=row.about_at, fired_at=now,
                actions=found.get(row.interaction_id or row.case_id, []),
            )
            for row in admitted
        ],
        batch_size=500,
        ignore_conflicts=True,
    )  # fmt: skip


def _about_cases(rule: Rule, rows: Sequence[Case], happening: Happening, names: Names) -> dict[int, list[Any]]:
    # Copies: what is foreseen is no fact, and the live rules go on with the rows.
    cases = Case.objects.defer("description").in_bulk([row.pk for row in rows])
    tags: dict[int, set[int]] = {pk: set() for pk in cases}
    tagged = CaseTag.objects.filter(case_id__in=among(CaseTag, list(cases)))
    for case_id, tag_id in tagged.values_list("case_id", "tag_id"):
        tags[case_id].add(tag_id)
    foresight, found, now = Foresight(rule, cases), dict[int, list[Any]](), timezone.now()
    to_tell: list[ToTell] = []
    for pk, case in cases.items():
        event = happening.events.get(pk)
        automatic = bool(event is not None and event.payload.get("automatic"))
        foreseen = foresight.foresee(case, tags[pk], now, automatic=automatic)
        found[pk] = told(foreseen, names)
        to_tell += [(entry, case, event.actor_id if event else None) for entry in found[pk] if "notify" in entry]
    tell(to_tell, names)
    return found


def _about_interactions(
    rule: Rule, rows: Sequence[Interaction], now: datetime, names: Names
) -> dict[int, list[dict[str, Any]]]:
    opening = next((stored for stored in rule.actions if stored["action"] == "open_case"), None)
    rest = Rule(key=rule.key, version=rule.version, actions=[one for one in rule.actions if one is not opening])
    if opening is None:
        return {row.pk: [{"action": one["action"], "alert": one["action"] == "alert"} for one in rest.actions]
                for row in rows}  # fmt: skip
    parameters, found = checked_parameters(opening)[1], dict[int, list[dict[str, Any]]]()
    to_tell: list[ToTell] = []
    for row in rows:
        case, first = _open_or_join(row, parameters, now)
        entries = told([first, *Foresight(rest, {case.pk: case}).foresee(case, set(), now)], names)
        to_tell += [(entry, case, None) for entry in entries if "notify" in entry]
        found[row.pk] = entries
    tell(to_tell, names)
    return found


def _open_or_join(row: Interaction, parameters: Mapping[str, Any], now: datetime) -> tuple[Case, Foreseen]:
    joined = case_to_join(row) if parameters["group"] else None
    if joined is not None:
        return joined, Foreseen("open_case", tells={"attached": joined.reference})
    entry = drawn_up([draft_of(row, parameters)], [str(row.pk)], by=Actor.system("shadow"))[0]
    case = entry.case
    case.pk = -row.pk
    for event in entry.events:
        project(case, event, now)
    facts = {name: (None, getattr(case, name)) for name in _OPENED if getattr(case, name) is not None}
    return case, Foreseen("open_case", changes=facts, tells={"opened": True})


def purge_shadows(now: datetime) -> int:
    """Forget some old lines; returns how many."""
    old = ShadowFiring.objects.filter(fired_at__lt=now - KEEP)
    ids = list(old.values_list("pk", flat=True)[: conf.chunk_size()])
    ShadowFiring.objects.filter(pk__in=among(ShadowFiring, ids)).delete()
    return len(ids)
