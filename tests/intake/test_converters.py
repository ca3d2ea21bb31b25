"""Cells are read as what they say or refused with a mend; nothing in between."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import now as present
from hypothesis import given
from hypothesis import strategies as st

from case_management.intake.converters import Boolean, EmailAddress, Number, Text, Unfit, plain
from case_management.intake.moments import Moment
from case_management.intake.response import derived_id

SCALE = Number(Decimal(1), Decimal(10))
BERLIN = ZoneInfo("Europe/Berlin")
ANYTHING = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.decimals(), st.dates(), st.datetimes(), st.times()
)


@given(number=st.decimals(min_value=1, max_value=10, places=2))
def test_a_number_on_the_scale_comes_back_as_it_was_written(number: Decimal) -> None:
    assert SCALE(str(number)) == SCALE(f" {number} ") == number
    assert Number(comma=True)(str(number).replace(".", ",")) == number


@pytest.mark.parametrize(("cell", "number"), [("10.0", 10), (7, 7), (7.5, "7.5"), ("+4", 4), ("3.14159", "3.14")])
def test_numbers_come_in_many_spellings(cell: object, number: Any) -> None:
    assert SCALE(cell) == Decimal(str(number))


@pytest.mark.parametrize(
    "cell", ["0", "10.01", "11", "-1", "ten", "1e1", "NaN", "Infinity", "٣", "1 000", "7,5", "", True, "9" * 5000]
)
def test_what_is_no_number_on_the_scale_is_refused_with_a_mend(cell: object) -> None:
    with pytest.raises(Unfit) as caught:
        SCALE(cell)

    assert caught.value.mend
    assert len(caught.value.message) < 200


@given(cell=ANYTHING)
def test_every_converter_gives_a_value_or_says_what_would_help(cell: object) -> None:
    for convert in (SCALE, Boolean(), Text(20), Text(20, lines=True, cut=True), EmailAddress(254), moment()):
        try:
            value = convert(cell)
        except Unfit as unfit:
            assert unfit.message
            assert unfit.mend
        else:
            plain(value)


@pytest.mark.parametrize("cell", ["1", "true", "YES", "y", " On ", True, 1, 1.0])
def test_yes_is_said_in_many_ways(cell: object) -> None:
    assert Boolean()(cell) is True


@pytest.mark.parametrize("cell", ["0", "FALSE", "No", False, 0, 0.0])
def test_no_is_said_in_many_ways(cell: object) -> None:
    assert Boolean()(cell) is False


def test_the_mapping_may_bring_its_own_words() -> None:
    convert = Boolean(("Ja",), ("Nein",))

    assert (convert("ja"), convert("NEIN")) == (True, False)
    with pytest.raises(Unfit, match="yes"):
        convert("yes")


def moment(*formats: str, zone: ZoneInfo = BERLIN) -> Moment:
    return Moment(formats or ("iso",), zone)


@pytest.mark.parametrize(
    ("formats", "cell", "found"),
    [
        (("iso",), "2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        (("iso",), "2026-07-01T12:00:00Z", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        (("iso",), "2026-07-01T12:00:00-05:00", datetime(2026, 7, 1, 17, tzinfo=UTC)),
        (("%d/%m/%Y %H:%M",), "03/02/2026 09:30", datetime(2026, 2, 3, 8, 30, tzinfo=UTC)),
        (("iso", "%d.%m.%Y"), "03.02.2026", datetime(2026, 2, 2, 23, tzinfo=UTC)),
        (("iso",), date(2026, 7, 1), datetime(2026, 6, 30, 22, tzinfo=UTC)),
        (("iso",), datetime.fromisoformat("2026-07-01T12:30"), datetime(2026, 7, 1, 10, 30, tzinfo=UTC)),
    ],
)
def test_moments_without_an_offset_are_local(formats: tuple[str, ...], cell: object, found: datetime) -> None:
    assert moment(*formats)(cell) == found


@given(seconds=st.integers(86_400, 1_790_000_000), hours=st.integers(-12, 14))
def test_a_moment_in_iso_8601_comes_back_as_it_was(seconds: int, hours: int) -> None:
    at = datetime.fromtimestamp(seconds, timezone(timedelta(hours=hours)))
    expected = None if at.date() == date(1970, 1, 1) else at

    assert moment()(at.isoformat()) == expected


@pytest.mark.parametrize("cell", ["1970-01-01", "1970-01-01T00:00:00Z", date(1970, 1, 1)])
def test_the_day_that_programs_write_for_never_counts_as_empty(cell: object) -> None:
    assert moment(zone=ZoneInfo("UTC"))(cell) is None


@pytest.mark.parametrize("cell", ["yesterday", "2026-02-30", "0001-01-01", "1899-12-31", "9999-12-31", "٢٠٢٦-01-01x"])
def test_what_is_no_moment_is_refused_with_a_mend(cell: str) -> None:
    with pytest.raises(Unfit) as caught:
        moment()(cell)

    assert caught.value.mend


def test_a_clock_that_runs_ahead_is_forgiven_but_not_by_days() -> None:
    now = present()

    assert moment()((now + timedelta(hours=2)).isoformat())
    with pytest.raises(Unfit):
        moment()((now + timedelta(days=3)).isoformat())


def test_the_mend_shows_the_format() -> None:
    with pytest.raises(Unfit) as caught:
        moment("%d/%m/%Y", "iso")("soon")

    assert "31/03/2026" in caught.value.mend
    assert "2026-03-31T14:30:00" in caught.value.mend


@given(text=st.text())
def test_text_on_one_line_has_no_line_break_and_no_outer_blank(text: str) -> None:
    found = Text(10_000)(text)

    assert found is None or (found == found.strip() and len(found.splitlines()) == 1)


def test_lines_stay_where_lines_are_wanted() -> None:
    assert Text(100, lines=True)("one\r\ntwo\rthree") == "one\ntwo\nthree"


def test_long_text_is_cut_or_refused() -> None:
    assert Text(5, cut=True)("abcdefgh") == "abcd…"
    with pytest.raises(Unfit, match="8 characters"):
        Text(5)("abcdefgh")


def test_codes_become_names() -> None:
    assert Text(50, words=True)("british-airways") == "British Airways"
    assert Text(50, lookup={"X": "Express"})("X") == "Express"
    assert Text(50, lookup={"X": "Express"})("Y") == "Y"


@pytest.mark.parametrize("cell", ["ana", "ana@", "a@b.c\nBcc: eve@example.org", "ana@example.org, eve@example.org", 7])
def test_what_no_mail_server_takes_is_no_address(cell: object) -> None:
    with pytest.raises(Unfit):
        EmailAddress(254)(cell)


@given(
    content=st.dictionaries(
        st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text(alphabet=st.characters(codec="utf-8")))
    )
)
def test_a_derived_id_depends_on_content_alone(content: dict[str, Any]) -> None:
    shuffled = dict(reversed(list(content.items())))

    try:
        found = derived_id(content)
    except UnicodeEncodeError:
        return
    assert found == derived_id(shuffled)
    assert found != derived_id({**content, "one more": 1})
