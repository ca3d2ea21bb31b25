"""Takes rows of a file in, a chunk at a time, in one person's name: read, looked up, handed to the operation."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from case_management.access import visible_units
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, RightMissing, RowInvalid
from case_management.models import Unit
from case_management.operations import CaseFacts, ImportOutcome, check_import, import_cases
from case_management.operations.import_book import IMPORT_RIGHT, Reach
from case_management.resources.custom_columns import headings_of
from case_management.resources.header_check import Header, Known, check_header, normal
from case_management.resources.lookups import Lookups
from case_management.resources.mapping import Mapping
from case_management.resources.missing import Created, Missing, Pretended
from case_management.resources.reading import Reading, RowFaults, is_readable
from case_management.tabular import Row

logger = logging.getLogger(__name__)

#: What the operation calls a field → the column that a person looks for.
COLUMN_OF = {"note": "closure_note", "method": "resolution_method", "channel": "close_channel", "unit": "unit_number"}
_CONTENT = (1 << 64) - 1


@dataclass(frozen=True)
class RowNote:
    """What a person should know of one value: its row was refused, or only this value was left alone."""

    row: int
    column: str
    message: str
    values: dict[str, object] = field(default_factory=dict)
    refused: bool = True


@dataclass
class Tally:
    """The receipt of some rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    notes: list[RowNote] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.refused += other.refused
        self.notes += other.notes
        return self

    def refuse(self, row: Row, faults: Sequence[CaseManagementError]) -> None:
        """One more refused row, with everything that is wrong with it."""
        self.refused += 1
        self.notes += [RowNote(row.number, _column(fault), _sentence(fault), row.values) for fault in faults]


class CaseImport:
    """One file on its way in. The caller holds the transaction of each chunk."""

    def __init__(self, resource: Any, headers: Sequence[str], mapping: Mapping, *, check_only: bool = False) -> None:
        """Check right and header. Raises RightMissing, HeaderRefused or InvalidConfiguration; then nothing was read."""
        self.by: Actor = resource.actor
        self._verb = check_import if check_only else import_cases
        reach = require_import_right(self.by)
        self.header: Header = check_header(headers, known_columns(resource), mapping)
        missing = _missing(mapping, (self.by, reach), check_only=check_only)
        self._reading = Reading(resource.fields, self.header, mapping, Lookups(_units(self.by), missing))
        self._seen: dict[int, int] = {}

    def run(self, rows: Sequence[Row]) -> Tally:
        """Take a chunk in; a row that cannot be taken in is refused and the others go on."""
        tally = Tally()
        with _collector_paused():
            texts = [(row, said) for row in rows if (said := self._said(row, tally)) is not None]
            tally += self._take(texts)
        return tally

    def remember(self, rows: Sequence[Row]) -> None:
        """Know rows that an earlier, interrupted run has taken in, so that later ones like them are still noticed."""
        for row in rows:
            self._said(row, Tally())

    def _said(self, row: Row, tally: Tally) -> dict[str, Any] | None:
        """What the row says; None when that settles it already."""
        if row.problem is not None:
            tally.refuse(row, [RowInvalid(row.problem, mend="")])
            return None
        try:
            said = self._reading.texts(row.values)
        except RowFaults as error:
            tally.refuse(row, error.faults)
            return None
        return said if self._is_first(row, said, tally) else None

    def _is_first(self, row: Row, said: dict[str, Any], tally: Tally) -> bool:
        """Whether no earlier row has the same key; one that says the very same changes nothing."""
        key = (said.get("source"), said["external_id"]) if said.get("external_id") else said.get("reference")
        if not key:
            return True
        content = hash(tuple(said.values())) & _CONTENT
        earlier = self._seen.setdefault(hash(key), row.number << 64 | content)
        if earlier >> 64 == row.number:
            return True
        if earlier & _CONTENT == content:
            tally.unchanged += 1
        else:
            message = _("Row %d has the same source and external id, and says something else.") % (earlier >> 64)
            tally.refuse(row, [RowInvalid(message, column="external_id", mend=_("Keep one of the two rows."))])
        return False

    def _take(self, texts: list[tuple[Row, dict[str, Any]]]) -> Tally:
        """Take rows in at once; where the database refuses, in halves, down to the row at fault."""
        try:
            with transaction.atomic():
                return self._attempt(texts)
        except (IntegrityError, DataError) as error:
            self._reading.lookups.forget()
            if len(texts) == 1:
                logger.warning("Row %d cannot be stored: %s", texts[0][0].number, type(error).__name__)
                tally = Tally()
                tally.refuse(texts[0][0], [_unstorable()])
                return tally
        middle = len(texts) // 2
        tally = self._take(texts[:middle])
        tally += self._take(texts[middle:])
        return tally

    def _attempt(self, texts: list[tuple[Row, dict[str, Any]]]) -> Tally:
        tally = Tally()
        self._reading.prime([said for _row, said in texts])
        rows, facts = list[Row](), list[CaseFacts]()
        for row, said in texts:
            try:
                facts.append(self._reading.facts(said))
                rows.append(row)
            except RowFaults as error:
                tally.refuse(row, error.faults)
        _add(tally, self._verb(facts, by=self.by), rows)
        return tally


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A chunk makes objects and drops them; looking for cycles among all others meanwhile costs a sixth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def known_columns(resource: Any) -> Known:
    """The Resource's columns; those that a file may set are neither read-only nor unknown to the operation."""
    fields = resource.fields.items()
    called = {**headings_of(resource.fields), **{str(field.column_name): name for name, field in fields}}
    headings = {normal(heading): name for heading, name in called.items()}
    return Known({name: is_readable(name) and not field.readonly for name, field in fields}, headings)


def require_import_right(by: Actor) -> Reach:
    """Where the actor may import; RightMissing when nowhere."""
    reach = Reach.of(by)
    if not reach.everywhere and not reach.units:
        message = _("%s may not import cases; ask an administrator for a role that may.") % by.label
        raise RightMissing(message, permission=IMPORT_RIGHT)
    return reach


def _units(by: Actor) -> Any:
    return Unit.objects.all() if by.user is None else visible_units(by.user, IMPORT_RIGHT)


def _missing(mapping: Mapping, who: tuple[Actor, Reach], *, check_only: bool) -> Missing:
    if not mapping.creates_missing:
        return Missing()
    return (Pretended if check_only else Created)(who[0], everywhere=who[1].everywhere)


def _add(tally: Tally, outcome: ImportOutcome, rows: Sequence[Row]) -> None:
    tally.created += len(outcome.created)
    tally.updated += len(outcome.updated)
    tally.unchanged += len(outcome.unchanged)
    for place, error in outcome.refused:
        tally.refuse(rows[place], [error])
    tally.notes += [RowNote(rows[place].number, column, why, refused=False) for place, column, why in outcome.remarks]


def _column(fault: CaseManagementError) -> str:
    if "column" in fault.details:
        return str(fault.details["column"])
    names = [str(name) for name in fault.details.get("fields", ())]
    return "tags" if names and names[0].startswith("tag:") else COLUMN_OF.get(names[0], names[0]) if names else ""


def _sentence(fault: CaseManagementError) -> str:
    return " ".join(part for part in (fault.message, str(fault.details.get("mend", ""))) if part)


def _unstorable() -> RowInvalid:
    return RowInvalid(
        _("The database does not take this row."), mend=_("Look for texts that are too long or odd signs.")
    )
