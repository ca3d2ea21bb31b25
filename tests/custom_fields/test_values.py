"""One value: what is accepted, how it is stored, and that a file brings back exactly what was written to it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_management.exceptions import ValueUnknown
from case_management.models import CustomField
from case_management.models.custom_values import checked, in_words, read, written

KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
LABELS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(str.strip).filter(bool)
PEOPLE = {7: "robin", 8: "ann"}


@st.composite
def choices_fields(draw):
    keys = draw(st.lists(KEYS, min_size=1, max_size=5, unique=True))
    options = [{"key": key, "label": draw(LABELS)} for key in keys]
    return CustomField(key="damage", name="Damage", kind=draw(st.sampled_from(["choice", "choices"])), options=options)


def plain(kind):
    return CustomField(key="field", name="Field", kind=kind)


NUMBERS = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**8), 10**8, places=6),
    st.integers(-(10**9), 10**9).map(lambda n: n / 1000),
)
VALUES = {
    "text": st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50).map(str.strip).filter(bool),
    "number": NUMBERS,
    "date": st.dates(date(1900, 1, 1), date(2999, 12, 31)),
    "yes_no": st.booleans(),
    "user": st.sampled_from([7, 8]),
}


def person(name):
    return {name: pk for pk, name in PEOPLE.items()}[name]


def round_trip(field, value):
    stored = checked(field, value, PEOPLE)
    assert json.loads(json.dumps(stored)) == stored
    assert read(field, str(written(field, stored, PEOPLE)), person) == stored
    assert checked(field, stored, PEOPLE) == stored
    assert in_words(field, stored, PEOPLE)
    return stored


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_what_is_written_is_read_back_as_it_was(kind, data):
    value = data.draw(VALUES[kind])
    stored = round_trip(plain(kind), value)
    if kind == "number":
        assert Decimal(str(stored)) == Decimal(str(value))


@given(field=choices_fields(), data=st.data())
def test_options_are_read_back_whatever_their_labels_hold(field, data):
    keys = [option["key"] for option in field.options]
    wanted = data.draw(st.lists(st.sampled_from(keys), min_size=1, unique=True))
    round_trip(field, wanted[0] if field.kind == "choice" else wanted)


def test_several_choices_are_kept_once_each_and_in_the_order_of_the_options():
    field = CustomField(key="d", name="D", kind="choices", options=[{"key": k, "label": k.upper()} for k in "abc"])
    assert checked(field, ["c", "a", "c"]) == ["a", "c"]
    assert checked(field, []) is None
    assert read(field, "C; a", person) == ["a", "c"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "12"), ("number", True), ("number", float("nan")), ("number", 10**15), ("number", 0.1234567),
        ("number", Decimal("Infinity")), ("date", "31.3.2026"), ("date", date(1800, 1, 1)), ("date", 5),
        ("date", datetime(2026, 1, 1, tzinfo=UTC)), ("yes_no", "yes"), ("yes_no", 1), ("choice", "gone"),
        ("choice", ["a"]), ("choices", "a"), ("choices", ["a", "gone"]), ("user", 99), ("user", "robin"),
        ("user", True), ("text", 5), ("text", "x" * 2001), ("text", "a\x00b"),
    ],
)  # fmt: skip
def test_what_is_not_of_the_kind_is_refused_and_the_field_is_named(kind, value):
    field = CustomField(key="baggage", name="Baggage", kind=kind, options=[{"key": "a", "label": "A"}])
    with pytest.raises(ValueUnknown, match="Baggage") as refused:
        checked(field, value, PEOPLE)
    assert refused.value.details["fields"] == ["custom.baggage"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "1,5"),
        ("number", "٣"),
        ("number", "1_0"),
        ("date", "2026-02-30"),
        ("yes_no", "maybe"),
        ("choice", "x"),
    ],
)
def test_a_cell_that_says_nothing_of_the_kind_is_refused(kind, text):
    with pytest.raises(ValueUnknown, match="Field"):
        read(CustomField(key="f", name="Field", kind=kind, options=[{"key": "a", "label": "A"}]), text, person)


def test_an_empty_cell_says_nothing():
    assert read(plain("number"), "  ", person) is None
