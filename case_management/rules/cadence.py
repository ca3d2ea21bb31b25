"""How often a rule may act: "once" is a unique key in the database, not a hope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from case_management.models import Case, CaseEvent, Interaction, Rule, RuleFiring
from case_management.models.rule import Cadence
from case_management.rules.actions import Firing


@dataclass
class Admission:
    """For which subjects a rule may act now; ``kept_back`` is subject's id → the firing that forbids it."""

    rows: list[RuleFiring] = field(default_factory=list)
    kept_back: dict[int, RuleFiring] = field(default_factory=dict)

    def by_subject(self) -> dict[int, RuleFiring]:
        """Id of each subject on which it acts now → the firing."""
        return {_subject_id(row): row for row in self.rows}

    @property
    def firings(self) -> list[Firing]:
        """For the actions."""
        return [Firing(row, row.rule, row.interaction, row.case) for row in self.rows]


def admit(
    rule: Rule, subjects: Sequence[Any], events: Mapping[int, CaseEvent], marks: Mapping[int, str] | None = None
) -> Admission:
    """Firings for those subjects on which the rule may act now; their rows are stored, which makes them unique.

    ``marks`` tell occasions without an event apart: the moment of the case, or the time of day, that came.
    """
    admission = weigh(rule, subjects, events, marks)
    RuleFiring.objects.bulk_create(admission.rows, batch_size=500)
    return admission


def weigh(
    rule: Rule,
    subjects: Sequence[Any],
    events: Mapping[int, CaseEvent],
    marks: Mapping[int, str] | None = None,
    ledger: Any = RuleFiring,
) -> Admission:
    """The same, and nothing is stored: two queries at most. A rule in the shadow has a ledger of its own."""
    rows = [_row(rule, subject, events, marks or {}) for subject in subjects]
    past = _past(rule, ledger)
    admission = Admission()
    if rule.cadence == Cadence.ONCE_PER_CONTACT:
        rows = _spaced(rows, "contact", admission, past)
    elif rule.cadence == Cadence.ONCE_PER_CASE:
        rows = _spaced(rows, "case", admission, past)
    taken = {row.key: row for row in past.filter(key__in=[row.key for row in rows])}
    for row in rows:
        earlier = taken.setdefault(row.key, row)
        if earlier is row:
            admission.rows.append(row)
        else:
            admission.kept_back[_subject_id(row)] = earlier
    return admission


def _past(rule: Rule, ledger: Any) -> Any:
    """The firings so far, of all versions; in the shadow each version begins anew."""
    if ledger is RuleFiring:
        return RuleFiring.objects.filter(rule__key=rule.key).defer("trace")
    return ledger._default_manager.filter(rule=rule)


def _subject_id(row: RuleFiring) -> int:
    return int(row.interaction_id or row.case_id or 0)


def acted_on(rule: Rule, subjects: Sequence[Any], events: Mapping[int, CaseEvent]) -> set[int]:
    """Ids of the subjects on which the rule acted on this very occasion, now or when it was asked the first time."""
    firings = RuleFiring.objects.filter(rule__key=rule.key)
    if subjects and isinstance(subjects[0], Interaction):
        return set(firings.filter(interaction__in=subjects).values_list("interaction_id", flat=True))
    here = [events[subject.pk] for subject in subjects if subject.pk in events]
    return set(firings.filter(event__in=here).values_list("case_id", flat=True))


def _row(rule: Rule, subject: Any, events: Mapping[int, CaseEvent], marks: Mapping[int, str]) -> RuleFiring:
    now = timezone.now()
    if isinstance(subject, Interaction):
        return RuleFiring(
            key=f"{rule.key}:interaction:{subject.pk}", rule=rule, interaction=subject,
            contact_id=subject.contact_id, about_at=subject.occurred_at, fired_at=now,
        )  # fmt: skip
    event = events.get(subject.pk)
    return RuleFiring(
        key=_case_key(rule, subject, event, marks.get(subject.pk, "")), rule=rule, case=subject,
        contact_id=subject.contact_id, event=event, about_at=event.occurred_at if event else now, fired_at=now,
    )  # fmt: skip


def _case_key(rule: Rule, case: Case, event: CaseEvent | None, mark: str) -> str:
    if rule.cadence == Cadence.EVERY_TIME and event is not None:
        return f"{rule.key}:event:{event.pk}"
    if rule.cadence == Cadence.EVERY_TIME and mark:
        return f"{rule.key}:case:{case.pk}:at:{mark}"
    return f"{rule.key}:case:{case.pk}"


def _spaced(rows: list[RuleFiring], of: str, admission: Admission, firings: Any) -> list[RuleFiring]:
    """At most one per contact (or case) in any ``cadence_days``; nobody's contact is nobody's limit.

    The key names the firing before it: two workers that saw the same past want the same key, and one of them loses.
    """
    holders = {getattr(row, f"{of}_id") for row in rows} - {None}
    past: dict[int, list[RuleFiring]] = {}
    for firing in firings.filter(**{f"{of}_id__in": holders}):
        past.setdefault(getattr(firing, f"{of}_id"), []).append(firing)
    admitted = []
    for row in sorted(rows, key=lambda row: row.about_at):
        holder, window = getattr(row, f"{of}_id"), timedelta(days=row.rule.cadence_days)
        known = past.setdefault(holder, []) if holder else []
        near = [other for other in known if abs(row.about_at - other.about_at) < window]
        if near:
            admission.kept_back[_subject_id(row)] = min(near, key=lambda other: abs(row.about_at - other.about_at))
            continue
        if holder:
            last = max((other.pk for other in known if other.pk), default=0)
            row.key = f"{row.rule.key}:{of}:{holder}:after:{last}:{len(known)}"
            known.append(row)
        admitted.append(row)
    return admitted
