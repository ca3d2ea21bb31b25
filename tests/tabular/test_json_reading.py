"""JSON arrays and JSON Lines are read object by object, and a bad object is named."""

from __future__ import annotations

import json

import pytest

from case_management.tabular import Limits
from case_management.tabular.errors import HeadersInvalid, LimitExceeded, TableUnreadable

from .tables import read


def test_an_array_is_read_whatever_its_white_space() -> None:
    objects = [{"a": number, "b": "x" * 50} for number in range(5_000)]

    for text in (json.dumps(objects), json.dumps(objects, indent=4), f" \n\t{json.dumps(objects)}\r\n "):
        headers, rows = read(text.encode())
        assert headers == ["a", "b"]
        assert [row.values for row in rows] == objects
        assert [row.number for row in rows] == list(range(1, 5_001))


def test_lines_are_numbered_as_in_the_file() -> None:
    headers, rows = read(b'\n{"a": 1}\n\n{"a": null, "b": [1, {"c": 2}]}\n')

    assert headers == ["a", "b"]
    assert [(row.number, row.values) for row in rows] == [
        (2, {"a": 1, "b": None}),
        (4, {"a": None, "b": [1, {"c": 2}]}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_understood(encoding: str) -> None:
    for text in ('[{"ä": "é"}]', '{"ä": "é"}\n'):
        assert read(text.encode(encoding))[1][0].values == {"ä": "é"}


def test_an_object_longer_than_a_piece_of_the_file_is_read() -> None:
    value = "x" * 90_000
    text = json.dumps([{"a": value, "b": value[::-1]}] * 20)

    assert [row.values for row in read(text.encode())[1]] == [{"a": value, "b": value}] * 20


@pytest.mark.parametrize("text", ["[]", "[ ]\n", "", "\n\n"])
def test_nothing_is_no_rows(text: str) -> None:
    assert read(text.encode(), format="json") == ([], [])


def test_a_bad_line_is_a_problem_and_the_next_ones_are_read() -> None:
    lines = ['{"a": 1}', '{"a": 2', "[3]", '{"a": 4} 5', '{"a": 1, "a": 2}', '{"a": 6, "z": 7}', '{"a": 8}']

    _headers, rows = read("\n".join(lines).encode(), format="jsonl", limits=Limits())
    problems = [row.problem or "" for row in rows]

    assert [bool(problem) for problem in problems] == [False, True, True, True, True, False, False]
    assert "Line 2" in problems[1]
    assert "no object" not in problems[2]
    assert "Row 3 is not an object" in problems[2]
    assert "“a” is there twice" in problems[4]


def test_a_key_that_turns_up_late_is_a_problem_of_its_row() -> None:
    objects = [{"a": 1}] * 100 + [{"a": 2, "z": 3}, {"a": 4}]

    headers, rows = read(json.dumps(objects).encode())

    assert headers == ["a"]
    assert "Row 101 has keys that the first rows do not have: z" in str(rows[100].problem)
    assert rows[100].surplus == (3,)
    assert rows[101].problem is None


@pytest.mark.parametrize(
    "value", ["x\0y", {"k": "\0"}, {"\0": 1}, [["\0"]], json.loads('"\\ud800"'), {"k": json.loads('"\\udfff"')}]
)
def test_what_no_database_keeps_is_a_problem(value: object) -> None:
    text = json.dumps([{"a": 1, "b": value}, {"a": 2, "b": "\\u0000 spelled out, é, 😀"}])

    _headers, rows = read(text.encode())

    assert "Row 1 holds a NUL character or half of a character" in str(rows[0].problem)
    assert rows[1].problem is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[{"a": 1}', "broken at character 10"),
        ('[{"a": 1},]', "broken at character 11"),
        ('[{"a": 1} {"a": 2}]', "broken at character 11"),
        ('[{"a": 1}] {}', "goes on after the end"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "[" * 100_000, "nested too deeply"),
        ('[{"a": ' + "1" * 5_000 + "}]", "too many digits"),
        ('{"a": ' + "1" * 5_000 + "}", "too many digits"),
        ('[{"a": NaN}]', "NaN is no JSON value"),
    ],
)
def test_broken_json_is_refused_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(TableUnreadable, match=fault):
        read(text.encode())


def test_the_place_of_a_fault_is_counted_from_the_start_of_the_file() -> None:
    good = "[" + '{"a": "xxxxxxxxxxxxxxxxxxxx"},' * 20_000

    with pytest.raises(TableUnreadable, match=f"character {len(good) + 2:,}"):
        read((good + "{oops}]").encode())


def test_keys_make_a_header_that_is_checked() -> None:
    with pytest.raises(HeadersInvalid, match="column 2 has no name"):
        read(b'[{"a": 1, "": 2}]')


@pytest.mark.parametrize(
    ("text", "limits", "limit"),
    [
        (json.dumps([{"a": 1}] * 11), Limits(rows=10), "rows"),
        (json.dumps([{str(n): n for n in range(11)}]), Limits(columns=10), "columns"),
        (json.dumps([{"a": 1}] * 100 + [{str(n): n for n in range(11)}]), Limits(columns=10), "columns"),
        (json.dumps([{"a": "x" * 11}]), Limits(cell_characters=10), "cell_characters"),
        (json.dumps([{"a": "x" * 101}]), Limits(row_characters=100), "row_characters"),
        (json.dumps([{"a": "x" * 3_000_000}]), Limits(), "row_characters"),
        ('[{"a": "' + "x" * 5_000_000, Limits(), "row_characters"),
        ('{"a": "' + "x" * 3_000_000, Limits(), "row_characters"),
    ],
)
def test_limits_hold_for_json(text: str, limits: Limits, limit: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        read(text.encode(), limits=limits)

    assert caught.value.details["limit"] == limit
