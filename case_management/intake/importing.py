"""Takes the rows of a file in, chunk by chunk; a bad row stops neither the rows before it nor those after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from django.utils.translation import gettext as _

from case_management import conf
from case_management.exceptions import InvalidConfiguration
from case_management.intake.mapping import Mapping, SourceName
from case_management.intake.receiving import receive
from case_management.intake.response import Response
from case_management.intake.row_reading import Fault, RowsFaults, read_row
from case_management.intake.units import unknown_units
from case_management.models import Interaction, Source
from case_management.tabular import Row, Table, open_table
from case_management.tabular.errors import TabularError

#: Faults that the tally keeps; later ones are told to the watcher alone.
KEPT_FAULTS = 10_000


@dataclass
class Tally:
    """How far an import is: rows read, responses new and known, rows failed.

    ``faults`` has an entry per bad cell. ``broken`` says why the file could not be read to its end.
    """

    rows: int = 0
    new: int = 0
    known: int = 0
    failed: int = 0
    faults: list[Fault] = field(default_factory=list)
    faults_left_out: int = 0
    broken: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether every row of the file was taken in."""
        return not self.failed and not self.broken


@dataclass(frozen=True)
class Watcher:
    """Told of every fault when it is found, and of the tally after each chunk."""

    fault: Callable[[Fault], None] = lambda fault: None
    progress: Callable[[Tally], None] = lambda tally: None


def import_responses(
    path: str | PathLike[str], mapping: Mapping, *, dry_run: bool = False, watcher: Watcher | None = None
) -> Tally:
    """Take in every good row of a CSV, XLSX or JSON file, at most once each; ``dry_run`` only counts.

    Safe to repeat after an interruption: what is stored already is counted as known. Raises InvalidConfiguration when
    the mapping does not fit the file and TabularError when the file cannot be opened as a table; nothing was stored.
    """
    with open_table(path) as table:
        mapping.require_columns(table.headers)
        run = _Run(mapping, dry_run, watcher or Watcher())
        for chunk in _chunks(table, run.tally):
            run.take(chunk)
    return run.tally


def _chunks(table: Table, tally: Tally) -> Iterator[list[Row]]:
    """The rows in chunks; where the file breaks off, what was read before counts."""
    rows: list[Row] = []
    try:
        for row in table:
            rows.append(row)
            if len(rows) >= conf.chunk_size():
                yield rows
                rows = []
    except TabularError as error:
        tally.broken = error.message
    if rows:
        yield rows


class _Run:
    """One import under way."""

    def __init__(self, mapping: Mapping, dry_run: bool, watcher: Watcher) -> None:
        self.mapping = mapping
        self.watcher = watcher
        self.tally = Tally()
        self.source = _source(mapping.source, make=not dry_run)
        self.seen: set[int] | None = set() if dry_run else None

    def take(self, rows: list[Row]) -> None:
        """Read and store one chunk."""
        responses = self._with_units(list(self._responses(rows)))
        if self.seen is None:
            received = receive(responses, source=self.source, new_units=self.mapping.new_units)
            new = len(received.new)
        else:
            new = self._unseen(responses, self.seen)
        self.tally.rows += len(rows)
        self.tally.new += new
        self.tally.known += len(responses) - new
        self.watcher.progress(self.tally)

    def _responses(self, rows: list[Row]) -> Iterator[tuple[Row, Response]]:
        for row in rows:
            try:
                yield row, read_row(row, self.mapping)
            except RowsFaults as error:
                self._fail(error.faults)

    def _with_units(self, found: list[tuple[Row, Response]]) -> list[Response]:
        """Those whose unit exists or may be made."""
        if self.mapping.new_units is not None:
            return [response for _row, response in found]
        unknown = unknown_units(response.unit.number for _row, response in found if response.unit)
        good = []
        for row, response in found:
            if response.unit and response.unit.number in unknown:
                self._fail([self._no_unit(row, response.unit.number)])
            else:
                good.append(response)
        return good

    def _no_unit(self, row: Row, number: str) -> Fault:
        message = _("There is no unit with the number “%s”.") % number
        mend = _("Add it to the units, correct the number, or let the mapping create units.")
        return Fault(row.number, self.mapping.unit["number"].column or "", message, mend)

    def _fail(self, faults: list[Fault]) -> None:
        self.tally.failed += 1
        for fault in faults:
            self.watcher.fault(fault)
            if len(self.tally.faults) < KEPT_FAULTS:
                self.tally.faults.append(fault)
            else:
                self.tally.faults_left_out += 1

    def _unseen(self, responses: list[Response], seen: set[int]) -> int:
        """How many a real run would store; hashes of the ids keep a million rows in little memory."""
        keys = {response.key for response in responses}
        stored = Interaction.objects.filter(source=self.source, external_id__in=keys) if self.source.pk else None
        known = set(stored.values_list("external_id", flat=True)) if stored is not None else set[Any]()
        fresh = {hash(key) for key in keys - known} - seen
        seen |= fresh
        return len(fresh)


def _source(named: SourceName, *, make: bool) -> Source:
    """The source of that key; the name and kind that an administrator gave it stay."""
    found = Source.objects.filter(key=named.key).first()
    if found is not None:
        return found
    if Source.objects.filter(name=named.name).exists():
        raise InvalidConfiguration(
            f'Another source is named "{named.name}" already; its key is not "{named.key}". '
            'Correct "source.key" or "source.name" in the mapping.'
        )
    source = Source(key=named.key, name=named.name, kind=named.kind)
    if make:
        source.save()
    return source
