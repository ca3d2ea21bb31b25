"""An import is the person's own deed: their units, their cases, their right to make what is missing."""

from __future__ import annotations

import pytest

from case_management.domain.actor import Actor
from case_management.exceptions import RightMissing
from case_management.models import Case, Unit
from case_management.operations import CaseFacts, import_cases
from tests.resources.conftest import holder, row, take_in


@pytest.fixture
def northerner(desk):
    """May import in North only."""
    return holder("northerner", desk.north, "view_case", "import_case", "add_topic", "add_unit")


def test_without_the_right_no_row_is_read(desk):
    reader = holder("reader", None, "view_case", "add_case", "export_case")
    with pytest.raises(RightMissing):
        take_in(reader, row())
    with pytest.raises(RightMissing):
        take_in(desk.agent, row())


@pytest.mark.parametrize("unit", ["S", "South", ""])
def test_rows_of_foreign_units_and_of_none_are_refused(desk, northerner, unit):
    tally = take_in(northerner, row(unit_number="N"), row(external_id="A2", unit_number=unit))
    assert (tally.created, tally.refused) == (1, 1)
    assert tally.notes[0].column == "unit_number"
    assert Case.objects.get().unit == desk.north


def test_the_operation_itself_refuses_a_foreign_unit_whatever_the_file_reader_let_through(desk, northerner):
    facts = CaseFacts(source=desk.source, external_id="A1", title="Cold", topic=desk.food, unit=desk.south)
    outcome = import_cases([facts], by=Actor.importing(northerner, batch="test"))
    assert isinstance(outcome.refused[0][1], RightMissing)
    assert not Case.objects.exists()


def test_cases_out_of_reach_are_not_changed_and_cannot_be_moved_there(desk, northerner):
    take_in(desk.chief, row(unit_number="S"), row(external_id="A2", unit_number="N"))
    theirs = row(unit_number="", title="Warm beer")
    tally = take_in(
        northerner, theirs, row(external_id="A2", unit_number="S"), row(unit_number="N", external_id="A1", title="x")
    )
    assert (tally.updated, tally.unchanged) == (0, 0)
    assert tally.refused == 3
    assert set(Case.objects.values_list("external_id", "unit__number", "title")) == {
        ("A1", "S", "Cold coffee"),
        ("A2", "N", "Cold coffee"),
    }


def test_what_is_missing_is_made_only_by_those_who_may_add_it_for_every_branch(desk, northerner):
    tally = take_in(northerner, row(unit_number="New", topic="Soup"), create_missing=True)
    assert (tally.refused, Unit.objects.count()) == (1, 2)
    tally = take_in(northerner, row(unit_number="N", topic="Soup"), create_missing=True)
    assert tally.notes[0].column == "topic"
    northerner.case_memberships.update(unit=None)
    assert take_in(northerner, row(unit_number="N", topic="Soup"), create_missing=True).created == 1
    plain = holder("plain", None, "view_case", "import_case")
    tally = take_in(plain, row(external_id="A2", topic="Stew"), create_missing=True)
    assert tally.notes[0].column == "topic"


def test_an_inactive_person_imports_nothing(desk, northerner):
    northerner.is_active = False
    with pytest.raises(RightMissing):
        take_in(northerner, row(unit_number="N"))
