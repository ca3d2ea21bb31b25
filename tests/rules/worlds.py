"""Worlds of interactions and cases with every combination worth having, and what each row says."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from case_management import models
from case_management.testing import make_case, make_topic, make_user
from tests.rules.reader import SCORES, START, TEXTS


@pytest.fixture
def interactions(db):
    """Interactions with every combination worth having, and what each says."""
    top = models.Unit.add_root(number="1", name="One")
    units = {None: None, "1": top, "2": models.Unit.add_root(number="2", name="Two")}
    units["1.1"] = models.Unit.objects.get(pk=top.pk).add_child(number="1.1", name="Below one")
    under = {None: None, "1": {"1"}, "1.1": {"1", "1.1"}, "2": {"2"}}
    sources = [models.Source.objects.create(name=name, key=name) for name in ("survey", "mail")]
    rows, facts = [], []
    for n in range(56):
        text, score, unit = TEXTS[n % len(TEXTS)], SCORES[n % len(SCORES)], list(units)[n % 4]
        country = None if n % 3 == 0 else TEXTS[(n * 5) % len(TEXTS)]
        contact = None if country is None else models.Contact.objects.create(name=f"c{n}", country=country)
        recommended = (None, True, False)[n % 3]
        at = START + timedelta(hours=n % 5 - 2)
        rows.append(models.Interaction(
            source=sources[n % 2], external_id=str(n), contact=contact, unit=units[unit], comment=text,
            score=score and Decimal(score), recommended=recommended, wants_contact=n % 2 == 0,
            occurred_at=at, available_at=at,
        ))  # fmt: skip
        facts.append({
            "score": score and Decimal(score), "comment": text, "country": country, "unit_number": unit,
            "source": sources[n % 2].key, "recommended": recommended, "wants_contact": n % 2 == 0,
            "unit": under[unit], "occurred_at": at,
        })  # fmt: skip
    models.Interaction.objects.bulk_create(rows)
    return list(zip(rows, facts, strict=True))


@pytest.fixture
def cases(db):
    """Cases with and without assignee, type, tags and deadline."""
    from case_management import operations
    from case_management.domain.actor import Actor

    by, ada = Actor.system("test"), make_user("ada", role="Case manager")
    room = make_topic("room")
    noise = models.Topic.objects.get(pk=room.pk).add_child(name="Noise", key="room-noise")
    recovery = models.CaseType.objects.create(name="Recovery")
    category = models.TagCategory.objects.create(name="Cause")
    tags = [models.Tag.objects.create(name=key, key=key, category=category) for key in "ab"]
    made = []
    for n in range(24):
        due = START + timedelta(hours=n % 3 - 1) if n % 4 else None
        topic, case_type = (room, noise, make_topic("other"))[n % 3], recovery if n % 2 else None
        case = make_case(topic=topic, case_type=case_type, deadline=due, by=by)
        put = [tag for place, tag in enumerate(tags) if n & (1 << place)]
        if put:
            operations.tag_case(case, add=put, by=by)
        for _step in range(n % 3):
            operations.escalate_case(case, reason="Nobody has answered.", by=by)
        if n % 5 == 0:
            operations.assign_case(case, to=ada, by=by)
        if n % 7 == 0:
            operations.flag_case(case, by=by)
        facts = {
            "escalation_level": Decimal(n % 3), "assignee": "ada" if n % 5 == 0 else None, "status": "new",
            "case_type": "recovery" if n % 2 else None, "tags": frozenset(tag.key for tag in put),
            "topic": ({"room"}, {"room", "room-noise"}, {"other"})[n % 3], "flagged": n % 7 == 0, "due_at": due,
        }  # fmt: skip
        made.append((case, facts))
    return made
