"""Rows stored by the thousand are the rows that were meant, whatever their texts hold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from case_management.models import Case, CaseEvent, Source
from case_management.models.among import among
from case_management.testing import make_case
from case_management.timeline.storing import FEW, insert, rewrite

AWKWARD = ["\t", "\n\r", "\\", "\\N", "\\.", "'", '"', "{}", "%s", "é漢字🙂", "\u2028", "null", "x" * 200, ""]
MANY = FEW + len(AWKWARD)


def fresh(count, source):
    moment = datetime(2024, 2, 29, 12, 30, 1, 123456, tzinfo=UTC)
    return [
        Case(
            reference=f"R{number}", external_id=f"X{number}", source=source, title=AWKWARD[number % len(AWKWARD)],
            description=AWKWARD[-number % len(AWKWARD)], opened_at=moment, updated_at=moment, flagged=number % 2 == 0,
            sla_target=number,
        )
        for number in range(count)
    ]  # fmt: skip


def values(rows):
    names = [field.attname for field in Case._meta.concrete_fields]
    return [[getattr(row, name) for name in names] for row in rows]


@pytest.fixture
def unfinished(db):
    """Half-made cases may stand in a test that rolls them back before anybody looks for drift."""
    with transaction.atomic():
        yield Source.objects.create(name="Files")
        transaction.set_rollback(True)


@pytest.mark.parametrize("count", [1, FEW - 1, FEW, MANY])
def test_inserted_rows_are_what_was_meant_and_know_their_keys(unfinished, count):
    rows = fresh(count, unfinished)
    insert(rows)
    assert values(Case.objects.order_by("pk")) == values(rows)
    rows[0].title = "changed"
    rows[0].save()
    assert Case.objects.count() == count


@pytest.mark.parametrize("count", [2, MANY])
def test_only_the_named_columns_of_rows_are_rewritten(unfinished, count):
    rows = fresh(count, unfinished)
    insert(rows)
    untouched = Case.objects.create(
        reference="Z", source=unfinished, opened_at=rows[0].opened_at, updated_at=rows[0].opened_at
    )
    for number, row in enumerate(rows):
        row.chain_head, row.flagged, row.title = AWKWARD[number % len(AWKWARD)][:64], not row.flagged, "not this"
        row.due_at = None if number % 3 else datetime(2030, 1, 1, tzinfo=UTC)
    rewrite(rows, ["chain_head", "flagged", "due_at"])
    stored = Case.objects.in_bulk([row.pk for row in rows])
    for number, row in enumerate(rows):
        found = stored[row.pk]
        assert (found.chain_head, found.flagged, found.due_at) == (row.chain_head, row.flagged, row.due_at)
        assert found.title == AWKWARD[number % len(AWKWARD)]
    assert values([Case.objects.get(pk=untouched.pk)]) == values([untouched])


@pytest.mark.parametrize("count", [2, MANY])
def test_a_refused_chunk_leaves_nothing_and_the_transaction_usable(unfinished, count):
    rows = fresh(count, unfinished)
    rows[-1].reference = rows[0].reference
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(rows)
    assert not Case.objects.exists()


def test_nothing_is_stored_without_a_statement(unfinished):
    with CaptureQueriesContext(connection) as captured:
        insert([])
        rewrite([], ["flagged"])
    assert not captured.captured_queries


def test_payloads_of_events_come_back_as_they_were(db):
    case = make_case()
    with transaction.atomic():
        rows = [
            CaseEvent(
                case=case, seq=number, type="opened",
                payload={"text": AWKWARD[number % len(AWKWARD)], "n": number, "no": None},
                actor_kind="system", occurred_at=case.opened_at, recorded_at=case.opened_at, hash="0",
            )
            for number in range(2, MANY)
        ]  # fmt: skip
        insert(rows)
        stored = CaseEvent.objects.in_bulk([row.pk for row in rows])
        assert [stored[row.pk].payload for row in rows] == [row.payload for row in rows]
        transaction.set_rollback(True)


@pytest.mark.parametrize("count", [0, 1, 99, 100, 3_000])
def test_among_finds_what_a_list_of_values_finds(unfinished, count):
    rows = fresh(120, unfinished)
    insert(rows)
    wanted = [f"X{number}" for number in range(1, 1 + count)]
    assert set(Case.objects.filter(external_id__in=among(Case, wanted))) == set(rows[1 : 1 + count])
    keys = [row.pk for row in rows][:count] + list(range(-count, 0))
    assert set(Case.objects.filter(pk__in=among(Case, keys))) == set(rows[:count])
    with CaptureQueriesContext(connection) as captured:
        list(Case.objects.filter(pk__in=among(Case, keys)))
    assert all(len(query["sql"]) < 30_000 for query in captured)
