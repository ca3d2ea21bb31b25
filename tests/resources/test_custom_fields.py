"""Custom fields in files: a column each, out and in again exactly, and bad values by row, field and mend."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.operations import set_custom_fields
from case_management.resources.case_resource import CaseResource
from case_management.resources.export_file import export_rows, write_export
from case_management.testing import make_case
from tests.custom_fields.conftest import make_field
from tests.resources.conftest import row, take_file_in, take_in

pytestmark = pytest.mark.django_db
CELLS = {
    "custom.seat": "=12A", "custom.amount": "120.5", "custom.flown-on": "2026-03-31", "custom.baggage": "Lost",
    "custom.damages": "late; Torn", "custom.vouchered": "no", "custom.expert": "agent",
}  # fmt: skip


@pytest.fixture
def customs(desk: SimpleNamespace, fields: Any) -> Any:
    """A field of each kind."""
    return fields


@pytest.fixture
def fields(db: None) -> SimpleNamespace:
    """One field of each kind, by kind."""
    kinds = {
        "text": "Seat", "number": "Amount", "date": "Flown on", "choice": "Baggage", "choices": "Damages",
        "yes_no": "Vouchered", "user": "Expert",
    }  # fmt: skip
    return SimpleNamespace(**{kind: make_field(name, kind, position=n) for n, (kind, name) in enumerate(kinds.items())})


def values(desk: SimpleNamespace) -> dict[str, Any]:
    return {
        "amount": 120.5, "flown-on": "2026-03-31", "baggage": "lost", "damages": ["late", "torn"],
        "vouchered": False, "expert": desk.agent.pk,
    }  # fmt: skip


def file_of(user: Any, format: str) -> bytes:
    file = io.BytesIO()
    write_export(export_rows(user, "cases", ""), format, file, lambda done, total: None)
    return file.getvalue()


def test_a_new_case_is_read_with_its_values(customs: Any, desk: SimpleNamespace) -> None:
    tally = take_in(desk.chief, row(**CELLS))
    assert (tally.created, tally.notes) == (1, [])
    case = Case.objects.get()
    assert (case.custom, case.custom_texts) == (values(desk), {"seat": "=12A"})
    assert take_in(desk.chief, row(**CELLS)).unchanged == 1


def test_a_case_that_is_there_is_changed_and_empty_cells_say_nothing(customs: Any, desk: SimpleNamespace) -> None:
    take_in(desk.chief, row(**CELLS))
    tally = take_in(desk.chief, row(**{**dict.fromkeys(CELLS, ""), "custom.amount": "7"}))
    assert tally.updated == 1
    assert Case.objects.get().custom == {**values(desk), "amount": 7}
    assert Case.objects.get().custom_texts == {"seat": "=12A"}


def test_columns_are_known_by_their_labels_too(customs: Any, desk: SimpleNamespace) -> None:
    take_in(desk.chief, row(**{"Custom: Flown on": "2026-03-31", "CUSTOM.Baggage": "torn"}))
    assert Case.objects.get().custom == {"flown-on": "2026-03-31", "baggage": "torn"}
    mapping = {"columns": {name: name for name in row()} | {"custom.amount": "Sum"}}
    take_in(desk.chief, row(external_id="B", Sum="8"), **mapping)
    assert Case.objects.get(external_id="B").custom == {"amount": 8}


@pytest.mark.parametrize(
    ("column", "cell", "complaint"),
    [
        ("custom.amount", "many", "“Amount”: “many” is no number"),
        ("custom.flown-on", "31.3.2026", "“Flown on”: “31.3.2026” is no day"),
        ("custom.baggage", "gone", "“Baggage”: “gone” is not offered. Choose one of: lost, late, torn"),
        ("custom.vouchered", "perhaps", "“Vouchered”"),
        ("custom.expert", "zoe", "no member of staff “zoe”"),
    ],
)
def test_a_bad_value_names_row_field_and_mend(
    customs: Any, desk: SimpleNamespace, column: str, cell: str, complaint: str
) -> None:
    tally = take_in(desk.chief, row(**{column: cell}))
    (note,) = tally.notes
    assert (tally.refused, note.row, note.column) == (1, 2, column)
    assert complaint in note.message


def test_a_field_of_another_type_refuses_the_row(customs: Any, desk: SimpleNamespace) -> None:
    customs.number.case_types.set([desk.recovery])
    (note,) = take_in(desk.chief, row(**{"custom.amount": "5"})).notes
    assert note.column == "custom.amount"
    assert take_in(desk.chief, row(case_type="Recovery", **{"custom.amount": "5"})).created == 1


def test_a_resolved_row_needs_what_resolving_requires(customs: Any, desk: SimpleNamespace) -> None:
    type(customs.choice).objects.filter(key="baggage").update(required_to_resolve=True)
    done = {"status": "resolved", "closure_reason": "Solved", "closure_note": "All is well again."}
    (note,) = take_in(desk.chief, row(**done)).notes
    assert (note.column, note.refused) == ("custom.baggage", True)
    assert take_in(desk.chief, row(**done, **{"custom.baggage": "Lost"})).created == 1


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_what_goes_out_comes_back_as_it_was(customs: Any, desk: SimpleNamespace, format: str) -> None:
    take_in(desk.chief, row(**CELLS))
    content = file_of(desk.chief, format)
    assert take_file_in(desk.chief, content).unchanged == 1
    set_custom_fields(Case.objects.get(), dict.fromkeys(values(desk)) | {"seat": None}, by=Actor.system("test"))
    assert take_file_in(desk.chief, content).updated == 1
    case = Case.objects.get()
    assert (case.custom, case.custom_texts) == (values(desk), {"seat": "=12A"})
    assert file_of(desk.chief, format) == content


def test_an_export_costs_no_more_for_more_fields_and_rows(customs: Any, desk: SimpleNamespace) -> None:
    def spent(count: int) -> int:
        for _place in range(count):
            make_case(custom={"amount": 5, "expert": desk.agent, "seat": "1A"})
        with CaptureQueriesContext(connection) as captured:
            assert len(list(CaseResource(user=desk.chief).iter_export())) >= count
        return len(captured)

    assert spent(2) == spent(20)


def test_people_who_left_stay_where_they_stand(customs: Any, desk: SimpleNamespace) -> None:
    take_in(desk.chief, row(**CELLS))
    type(desk.agent).objects.filter(pk=desk.agent.pk).update(is_active=False)
    assert take_file_in(desk.chief, file_of(desk.chief, "csv")).unchanged == 1
