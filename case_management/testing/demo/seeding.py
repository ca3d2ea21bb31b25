"""Seeding: found the company, hire its people, and write two years of cases chunk by chunk."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from case_management import models
from case_management.access import Coverage
from case_management.domain.actor import Actor
from case_management.domain.events import CaseOpened
from case_management.domain.reference import new_reference
from case_management.models.due import DueState
from case_management.operations.record_histories import History, record_histories
from case_management.rules import engine
from case_management.sla.deadlines import Deadlines
from case_management.testing.demo import company, people, words
from case_management.testing.demo.lives import Cast, Life
from case_management.testing.demo.wording import write_wording

SIZES = {"small": 400, "100k": 100_000, "1m": 1_000_000}
CHUNK = 2000
HISTORY = timedelta(days=730)
#: What arrived within these days may still be open.
OPEN_FOR = timedelta(days=5)
OPEN_SHARE = 0.1
RECENT_SHARE = 0.2
PRAISES = 60


class Seeder:
    """Everything follows from the seed and from ``now``; two runs on two databases give the same cases."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - made-up data
        self.now = now
        self.references: set[str] = set()

    def found(self) -> list[people.Person]:
        """Lists, units, rules and staff."""
        with transaction.atomic():
            company.found_company(self.now.date())
            staff = people.hire(self.rng)
            write_wording(next(person.user for person in staff if person.role == "Case manager"))
            return staff

    def fill(self, count: int, progress: Callable[[int], None]) -> None:
        """Write ``count`` cases with contacts, answers and histories; each chunk is one transaction."""
        self._read_rows()
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            with transaction.atomic():
                self._write_chunk(start, size)
            progress(start + size)

    def praise(self) -> None:
        """Some delighted guests; the rules make alerts of them."""
        survey = self.sources[0]
        models.Interaction.objects.bulk_create(
            models.Interaction(
                source=survey, external_id=f"praise-{n}", kind=survey.kind, unit=self.rng.choice(self.units),
                title="Praise", comment=self.rng.choice(words.PRAISE), score=self.rng.randint(9, 10), recommended=True,
                occurred_at=self.now - timedelta(hours=self.rng.uniform(1, 200)), available_at=self.now,
            )
            for n in range(PRAISES)
        )  # fmt: skip
        while engine.run_interactions():
            continue

    def _read_rows(self) -> None:
        self.units = list(models.Unit.objects.filter(depth=3).order_by("number"))
        self.topics = list(models.Topic.objects.filter(depth=2).order_by("path"))
        self.sources = list(models.Source.objects.order_by("position"))
        self.types = list(models.CaseType.objects.order_by("position"))
        self.priorities = list(models.Priority.objects.order_by("rank"))
        self.cast = Cast(
            deadlines=Deadlines.load(),
            agents=self._agents(),
            reasons=_ids(models.ClosureReason),
            reopen_reasons=_ids(models.ReopenReason),
            methods=_ids(models.ResolutionMethod),
            channels=_ids(models.CloseChannel),
            subjects=_ids(models.NoteSubject),
            root_causes=list(models.Tag.objects.filter(category__key="root-cause").values_list("pk", flat=True)),
            guest_tags=list(models.Tag.objects.filter(category__key="guest").values_list("pk", flat=True)),
            now=self.now,
        )

    def _agents(self) -> dict[int | None, list[Any]]:
        """Unit id → the agents who cover it, as the assignment would find them."""
        agents = models.Membership.objects.filter(role__name="Customer service agent").select_related("user")
        by_id = {membership.user_id: membership.user for membership in agents}
        stand_ins = [models.Case(unit=unit) for unit in self.units]
        coverage = Coverage.load("resolve_case", stand_ins)
        covered = {case.unit_id: [by_id[pk] for pk in sorted(coverage.of(case)) if pk in by_id] for case in stand_ins}
        return {**covered, None: list(by_id.values())}

    def _write_chunk(self, start: int, size: int) -> None:
        contacts = self._contacts(start, size)
        interactions = [self._interaction(start + n, self.rng.choice(contacts)) for n in range(size)]
        models.Interaction.objects.bulk_create(interactions, batch_size=500)
        record_histories([self._history(interaction) for interaction in interactions])

    def _contacts(self, start: int, size: int) -> list[models.Contact]:
        contacts = [
            models.Contact(
                name=words.customer_name(self.rng), external_id=f"guest-{start + n}", country="United Kingdom"
            )
            for n in range(max(1, size * 7 // 10))
        ]
        models.Contact.objects.bulk_create(contacts, batch_size=500)
        points = []
        for contact in contacts:
            address = f"{contact.name.lower().replace(' ', '.')}.{contact.external_id[6:]}@example.net"
            points.append(models.ContactPoint(contact=contact, kind="email", value=address, normalised=address))
            phone = f"+44 7700 {self.rng.randint(900000, 900999)}"
            if self.rng.random() < 0.4:
                digits = "+" + "".join(filter(str.isdigit, phone))
                points.append(models.ContactPoint(contact=contact, kind="phone", value=phone, normalised=digits))
        models.ContactPoint.objects.bulk_create(points, batch_size=500)
        return contacts

    def _interaction(self, number: int, contact: models.Contact) -> models.Interaction:
        source, topic, at = self.rng.choice(self.sources), self.rng.choice(self.topics), self._arrival()
        title, comment = words.complaint(topic.key, self.rng)
        score, unit = self.rng.randint(1, 5), self.rng.choice(self.units)
        nights = self.rng.randint(1, 7)
        interaction = models.Interaction(
            source=source, external_id=f"demo-{number}", kind=source.kind, contact=contact, unit=unit, title=title,
            comment=comment, score=score, recommended=False, wants_contact=True, occurred_at=at, received_at=at,
            answers={
                "How satisfied were you with your stay?": str(score),
                "Would you recommend us?": "No",
                "What could we have done better?": comment,
            },
            visit={
                "Room": str(self.rng.randint(101, 412)), "Nights": str(nights),
                "Arrival": (at - timedelta(days=nights + 1)).date().isoformat(),
            },
            available_at=at, state=DueState.DONE,
        )  # fmt: skip
        interaction.topic_of_demo = topic  # type: ignore[attr-defined]
        return interaction

    def _arrival(self) -> datetime:
        """Two years back, or (for the share that is still open) the last days; by day rather than by night."""
        luck = self.rng.random()
        if luck < OPEN_SHARE:
            return self.now - timedelta(days=self.rng.uniform(0.05, OPEN_FOR.days))
        longest = 40 if luck < RECENT_SHARE else HISTORY.days
        at = self.now - timedelta(days=self.rng.uniform(OPEN_FOR.days + 1, longest))
        return at.replace(hour=int(self.rng.triangular(6, 23, 11))) if at.hour < 6 else at

    def _history(self, interaction: models.Interaction) -> History:
        priority = self.rng.choices(self.priorities, weights=(1, 3, 5, 2))[0]
        case_type = self.rng.choices(self.types, weights=(5, 2, 2, 1))[0]
        opening = CaseOpened(
            topic=interaction.topic_of_demo.pk,  # type: ignore[attr-defined]
            priority=priority.pk,
            priority_rank=priority.rank,
            case_type=case_type.pk,
            unit=interaction.unit_id,
            interaction=interaction.pk,
            score=str(interaction.score),
            awaiting_since=interaction.occurred_at,
        )
        is_recent = self.now - interaction.occurred_at <= OPEN_FOR
        opened_at = min(interaction.occurred_at + timedelta(minutes=self.rng.uniform(0.1, 3)), self.now)
        life = Life(self.cast, self.rng, opening, opened_at, Actor.rule("unhappy-guest.v1"))
        case = models.Case(
            reference=self._reference(), source=interaction.source, contact=interaction.contact,
            title=interaction.title, description=interaction.comment,
        )  # fmt: skip
        return History(case, list(life.steps(stays_open=is_recent and self.rng.random() < 0.9)), interaction)

    def _reference(self) -> str:
        while (reference := new_reference(self.rng)) in self.references:
            continue
        self.references.add(reference)
        return reference


def _ids(model: Any) -> list[int]:
    return list(model.objects.order_by("position", "pk").values_list("pk", flat=True))


def described(staff: list[people.Person], token: str) -> dict[str, Any]:
    """What ``--json`` writes: log-ins, units, and references to begin with."""
    cases = models.Case.objects.order_by("-opened_at", "pk")
    return {
        "company": company.NAME,
        "users": [_log_in(person) for person in staff],
        "roles": sorted({person.role for person in staff}),
        "units": list(models.Unit.objects.values("id", "number", "name", "depth")),
        "teams": list(models.Team.objects.values("id", "key", "name")),
        "cases": list(cases.values_list("reference", flat=True)[:200]),
        "examples": {
            status: cases.filter(status=status).values_list("reference", flat=True).first()
            for status in ("new", "in_progress", "waiting", "resolved", "closed")
        },
        "overdue": cases.filter(breached_at__isnull=False).values_list("reference", flat=True).first(),
        "escalated": cases.open().filter(escalation_level__gt=0).values_list("reference", flat=True).first(),
        "api_token": token,
    }


def _log_in(person: people.Person) -> dict[str, str]:
    return {"username": person.username, "password": person.password, "role": person.role, "unit": person.unit}
