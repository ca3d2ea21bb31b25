"""How the rows of one file become responses: what a mapping says, read from TOML and checked before any row is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from case_management.exceptions import InvalidConfiguration
from case_management.intake import cells
from case_management.intake.cells import Cell, MakeConverter, cell
from case_management.intake.facts import Fact, facts
from case_management.intake.response import (
    COMMENT_CHARACTERS,
    COUNTRY_CHARACTERS,
    EXTERNAL_ID_CHARACTERS,
    LANGUAGE_CHARACTERS,
    NAME_CHARACTERS,
    POINT_CHARACTERS,
    TITLE_CHARACTERS,
    UNIT_NAME_CHARACTERS,
    UNIT_NUMBER_CHARACTERS,
)
from case_management.intake.sections import Section
from case_management.intake.units import NewUnits
from case_management.models.taxonomy import SourceKind

MAPPINGS = Path(__file__).parent / "mappings"

#: What stands in a cell that holds nothing; a cell of blanks is always empty.
MISSING = ("?", "N/A")

_FIELDS: dict[str, MakeConverter] = {
    "external_id": cells.text(EXTERNAL_ID_CHARACTERS),
    "occurred_at": cells.moment,
    "score": cells.score,
    "recommended": cells.boolean,
    "wants_contact": cells.boolean,
    "title": cells.text(TITLE_CHARACTERS, cut=True),
    "comment": cells.text(COMMENT_CHARACTERS, lines=True),
}
_UNIT: dict[str, MakeConverter] = {
    "number": cells.text(UNIT_NUMBER_CHARACTERS),
    "name": cells.text(UNIT_NAME_CHARACTERS, cut=True),
}
_CONTACT: dict[str, MakeConverter] = {
    "external_id": cells.text(EXTERNAL_ID_CHARACTERS),
    "name": cells.text(NAME_CHARACTERS, cut=True),
    "email": cells.email,
    "phone": cells.text(POINT_CHARACTERS),
    "country": cells.text(COUNTRY_CHARACTERS),
    "language": cells.text(LANGUAGE_CHARACTERS),
}


@dataclass(frozen=True)
class SourceName:
    """The source that the responses come from; made with this name and kind where the key is new."""

    key: str
    name: str
    kind: str


@dataclass(frozen=True)
class FollowUp:
    """Counts as a wish to be contacted where all that is given holds; a missing score or answer holds nothing."""

    recommended: bool | None = None
    score_at_most: Decimal | None = None

    def holds(self, recommended: bool | None, score: Decimal | None) -> bool:
        """Whether this response asks for a follow-up."""
        return (self.recommended is None or recommended is self.recommended) and (
            self.score_at_most is None or (score is not None and score <= self.score_at_most)
        )


@dataclass(frozen=True)
class Mapping:
    """A mapping, checked; ``drop`` names columns of personal data that are not kept, not even as received."""

    source: SourceName
    missing: frozenset[str]
    fields: dict[str, Cell]
    unit: dict[str, Cell]
    new_units: NewUnits | None
    contact: dict[str, Cell]
    answers: tuple[Fact, ...]
    visit: tuple[Fact, ...]
    drop: frozenset[str]
    follow_up: FollowUp | None

    def columns(self) -> Iterator[str]:
        """Every column that the file must have."""
        described = [*self.fields.values(), *self.unit.values(), *self.contact.values()]
        described += [fact.cell for fact in (*self.answers, *self.visit)]
        yield from (found.column for found in described if found.column is not None)
        yield from self.drop

    def require_columns(self, headers: list[str]) -> None:
        """Raise InvalidConfiguration naming what the file lacks; a misspelt column to drop would not be dropped."""
        if absent := sorted(set(self.columns()) - set(headers)):
            raise InvalidConfiguration(
                f"The file has no column {', '.join(map(repr, absent))}, which the mapping names. "
                f"It has: {', '.join(headers)}. Correct the mapping or the file's header."
            )


def mapping_names() -> list[str]:
    """The mappings that come with the package."""
    return sorted(path.stem for path in MAPPINGS.glob("*.toml"))


def load_mapping(name: str) -> Mapping:
    """The mapping of that name, or the one in a ``.toml`` file; InvalidConfiguration says what is wrong with it."""
    path = Path(name) if name.endswith(".toml") else MAPPINGS / f"{name}.toml"
    if not name.endswith(".toml") and name not in mapping_names():
        known = ", ".join(mapping_names())
        raise InvalidConfiguration(
            f'There is no mapping "{name}". Name one of {known}, or give the path of a .toml file.'
        )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidConfiguration(f"{path} cannot be read: {error.strerror}. Check the path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfiguration(f"{path.name} is not valid TOML: {error}.") from None
    return read_mapping(Section(values, file=path.name))


def read_mapping(top: Section) -> Mapping:
    """The mapping that the sections of a file describe."""
    unit, contact = top.section("unit"), top.section("contact")
    mapping = Mapping(
        source=_source(top.section("source")),
        missing=frozenset({"", *top.texts("missing", MISSING)}),
        fields=_cells(top.section("fields"), _FIELDS),
        new_units=_new_units(unit),
        unit=_cells(unit, _UNIT),
        contact=_cells(contact, _CONTACT),
        answers=facts(top, "answers"),
        visit=facts(top, "visit"),
        drop=frozenset(top.texts("drop")),
        follow_up=_follow_up(top.section("follow_up")),
    )
    _check(top, mapping)
    return mapping


def _source(section: Section) -> SourceName:
    found = SourceName(
        section.take("key", str), section.take("name", str), section.take("kind", str, str(SourceKind.SURVEY))
    )
    if found.kind not in SourceKind.values:
        raise section.wrong("kind", f"is {found.kind!r}. Write one of: {', '.join(SourceKind.values)}.")
    section.done()
    return found


def _cells(section: Section, known: dict[str, MakeConverter]) -> dict[str, Cell]:
    found = {key: cell(section, key, make) for key, make in known.items()}
    section.done()
    return {key: described for key, described in found.items() if described is not None}


def _new_units(section: Section) -> NewUnits | None:
    below = section.section("below")
    if not section.take("create_units", bool, False):
        return None
    root = NewUnits(below.take("number", str), below.take("name", str))
    below.done()
    return root


def _follow_up(section: Section) -> FollowUp | None:
    if not list(section.keys()):
        return None
    at_most = section.take_or_none("score_at_most", float)
    found = FollowUp(section.take_or_none("recommended", bool), None if at_most is None else Decimal(f"{at_most:g}"))
    section.done()
    return found


def _check(top: Section, mapping: Mapping) -> None:
    top.done()
    used = {column for column in mapping.columns() if column not in mapping.drop}
    described = {**mapping.fields, **mapping.unit, **mapping.contact}.values()
    kept = {found.column for found in (*described, *(fact.cell for fact in (*mapping.answers, *mapping.visit)))}
    if both := sorted(mapping.drop & {column for column in kept if column}):
        raise top.wrong("drop", f"names {both[0]!r}, which is used as well. Drop it or use it.")
    if not used:
        raise top.wrong("fields", "uses no column. Name at least one.")
    if mapping.unit and "number" not in mapping.unit:
        raise top.wrong("unit.number", "is missing. Name the column that holds the unit's number.")
