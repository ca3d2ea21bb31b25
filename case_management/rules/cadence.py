"""How often a rule may act: "once" is a unique key in the database, not a hope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from case_management.models import Case, CaseEvent, Interaction, Rule, RuleFiring
from case_management.models.rule import Cadence
from case_management.rules.actions import Firing


def admit(rule: Rule, subjects: Sequence[Any], events: Mapping[int, CaseEvent]) -> list[Firing]:
    """Firings for those subjects on which the rule may act now; their rows are stored, which makes them unique."""
    rows = [_row(rule, subject, events) for subject in subjects]
    if rule.cadence == Cadence.ONCE_PER_CONTACT:
        rows = _spaced(rule, rows)
    taken = set(RuleFiring.objects.filter(key__in=[row.key for row in rows]).values_list("key", flat=True))
    fresh = {row.key: row for row in rows if row.key not in taken}
    RuleFiring.objects.bulk_create(fresh.values(), batch_size=500)
    return [Firing(row, rule, row.interaction, row.case) for row in fresh.values()]


def acted_on(rule: Rule, subjects: Sequence[Any], events: Mapping[int, CaseEvent]) -> set[int]:
    """Ids of the subjects on which the rule acted on this very occasion, now or when it was asked the first time."""
    firings = RuleFiring.objects.filter(rule__key=rule.key)
    if subjects and isinstance(subjects[0], Interaction):
        return set(firings.filter(interaction__in=subjects).values_list("interaction_id", flat=True))
    here = [events[subject.pk] for subject in subjects if subject.pk in events]
    return set(firings.filter(event__in=here).values_list("case_id", flat=True))


def _row(rule: Rule, subject: Any, events: Mapping[int, CaseEvent]) -> RuleFiring:
    now = timezone.now()
    if isinstance(subject, Interaction):
        return RuleFiring(
            key=f"{rule.key}:interaction:{subject.pk}", rule=rule, interaction=subject,
            contact_id=subject.contact_id, about_at=subject.occurred_at, fired_at=now,
        )  # fmt: skip
    event = events.get(subject.pk)
    return RuleFiring(
        key=_case_key(rule, subject, event), rule=rule, case=subject, contact_id=subject.contact_id,
        event=event, about_at=event.occurred_at if event else now, fired_at=now,
    )  # fmt: skip


def _case_key(rule: Rule, case: Case, event: CaseEvent | None) -> str:
    if rule.cadence == Cadence.EVERY_TIME and event is not None:
        return f"{rule.key}:event:{event.pk}"
    return f"{rule.key}:case:{case.pk}"


def _spaced(rule: Rule, rows: list[RuleFiring]) -> list[RuleFiring]:
    """At most one per contact in any ``cadence_days``; nobody's contact is nobody's limit.

    The key names the firing before it: two workers that saw the same past want the same key, and one of them loses.
    """
    contacts = {row.contact_id for row in rows if row.contact_id}
    past: dict[int, list[tuple[datetime, int]]] = {}
    for contact_id, about_at, pk in RuleFiring.objects.filter(rule__key=rule.key, contact_id__in=contacts).values_list(
        "contact_id", "about_at", "pk"
    ):
        past.setdefault(contact_id, []).append((about_at, pk))
    admitted, window = [], timedelta(days=rule.cadence_days)
    for row in sorted(rows, key=lambda row: row.about_at):
        known = past.setdefault(row.contact_id, []) if row.contact_id else []
        if any(abs(row.about_at - about_at) < window for about_at, _ in known):
            continue
        if row.contact_id:
            last = max((pk for _, pk in known), default=0)
            row.key = f"{rule.key}:contact:{row.contact_id}:after:{last}:{len(known)}"
            known.append((row.about_at, last))
        admitted.append(row)
    return admitted
