"""A mapping is right, or its error names the key and the mend before a row is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from case_management.exceptions import InvalidConfiguration
from case_management.intake.mapping import load_mapping, mapping_names

MINIMAL = """
drop = ["author"]
[source]
key = "survey"
name = "Survey"
[fields]
score = "rating"
comment = "text"
"""


@pytest.mark.parametrize("name", ["skytrax_seat", "boston311"])
def test_the_mappings_that_come_with_the_package_are_right(name: str) -> None:
    assert name in mapping_names()
    assert load_mapping(name).source.key


def test_a_mapping_may_be_any_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL)

    mapping = load_mapping(str(path))

    assert (mapping.source.kind, mapping.drop) == ("survey", {"author"})
    assert sorted(mapping.columns()) == ["author", "rating", "text"]


def error_of(tmp_path: Path, old: str, new: str) -> str:
    assert old in MINIMAL
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL.replace(old, new))
    with pytest.raises(InvalidConfiguration) as caught:
        load_mapping(str(path))
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "survey"', "", '"source.key" is missing'),
        ('key = "survey"', "key = 7", '"source.key" is 7. Write text'),
        ('name = "Survey"', 'nmae = "Survey"', '"source.name" is missing'),
        ('name = "Survey"', 'name = "Survey"\ncolour = "red"', '"source.colour" is not known'),
        ('name = "Survey"', 'name = "Survey"\nkind = "telegram"', "Write one of: survey"),
        ('score = "rating"', 'scor = "rating"', '"fields.scor" is not known. Did you mean "score"?'),
        ('score = "rating"', "score = 7", '"fields.score" must be the name of a column'),
        ('score = "rating"', "score = { min = 1 }", 'needs either "column" or "constant"'),
        ('score = "rating"', 'score = { column = "rating", min = "1" }', "\"fields.score.min\" is '1'. Write a number"),
        ('score = "rating"', 'score = { column = "rating", min = 5, max = 1 }', '"fields.score.max" is 1.0'),
        ('score = "rating"', 'score = { column = "rating", max = 100 }', "Scores run from 0 to 10"),
        ('score = "rating"', 'score = { column = "rating", mx = 5 }', 'Did you mean "max"?'),
        ('score = "rating"', 'occurred_at = { column = "d", format = "DD/MM" }', '"fields.occurred_at.format"'),
        ('score = "rating"', 'occurred_at = { column = "d", time_zone = "Mars/Base" }', 'such as "Europe/Berlin"'),
        ('score = "rating"', 'recommended = { column = "r", yes = ["x"], no = ["X"] }', "both hold 'x'"),
        ('score = "rating"', 'score = "rating"\ntitle = "author"', "\"drop\" names 'author', which is used"),
        ('comment = "text"', 'comment = "text"\n[answers]\nq1 = { kind = "number" }', '"answers.q1.label" is missing'),
        ('comment = "text"', 'comment = "text"\n[visit]\nv = { label = "V", kind = "colour" }', '"visit.v.kind"'),
        ('comment = "text"', 'comment = "text"\n[unit]\nname = "u"', '"unit.number" is missing'),
        ('comment = "text"', 'comment = "text"\n[unit]\nnumber = "u"\ncreate_units = true', '"unit.below.number"'),
        ('comment = "text"', 'comment = "text"\n[contact]\nmail = "m"', 'Did you mean "email"?'),
        ('comment = "text"', 'comment = "text"\n[follow_up]\nscore_below = 3', '"follow_up.score_below" is not known'),
        ("[fields]", "[feilds]", '"feilds" is not known. Did you mean "fields"?'),
        ("[fields]", "[fields", "is not valid TOML"),
    ],
)
def test_an_error_names_the_key_and_the_mend(tmp_path: Path, old: str, new: str, said: str) -> None:
    message = error_of(tmp_path, old, new)

    assert said in message
    assert message.startswith("mine.toml")


@pytest.mark.parametrize("name", ["nosuch", "../mapping", "/etc/passwd", ""])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(InvalidConfiguration, match="boston311, skytrax_seat"):
        load_mapping(name)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidConfiguration, match=r"nosuch\.toml cannot be read"):
        load_mapping("nosuch.toml")


def test_a_mapping_that_does_not_fit_the_file_names_the_columns() -> None:
    mapping = load_mapping("skytrax_seat")

    with pytest.raises(InvalidConfiguration, match=r"no column 'aircraft', .*'author', .*It has: content\."):
        mapping.require_columns(["content"])
