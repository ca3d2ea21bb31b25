"""Finds in a workbook what its sheet cannot say: its place, the styles of dates, the first day counted."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from case_management.tabular.errors import TableUnreadable
from case_management.tabular.safe_xml import StreamParser
from case_management.tabular.xlsx_archive import open_part
from case_management.tabular.xlsx_cells import Kind, kind_of_format

_MOST_ITEMS = 100_000


@dataclass(slots=True)
class Workbook:
    """The parts of a workbook that matter to a reader of one sheet."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    """Name and path of every visible worksheet, in the order of the tabs."""
    shared_strings: str | None = None
    styles: str | None = None
    counts_from_1904: bool = False

    def sheet_path(self, name: str | None) -> str:
        """The path of the sheet of that name, or of the first visible one."""
        for title, path in self.sheets:
            if name in (None, title):
                return path
        if not self.sheets:
            raise TableUnreadable(_("The workbook has no visible worksheet."))
        raise TableUnreadable(
            _("The workbook has no worksheet “%(name)s”. It has: %(names)s.")
            % {"name": name, "names": ", ".join(title for title, _path in self.sheets)}
        )


def read_workbook(archive: zipfile.ZipFile) -> Workbook:
    """The parts of this workbook, found by the relationships that the archive declares."""
    main = _main_path(archive)
    related = _relationships(archive, main)
    by_kind = dict(related.values())
    book = Workbook(shared_strings=by_kind.get("sharedStrings"), styles=by_kind.get("styles"))

    def sheet(attributes: dict[str, str]) -> None:
        identifier = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        kind, path = related.get(identifier, ("", ""))
        if kind == "worksheet" and attributes.get("state", "visible") == "visible":
            book.sheets.append((attributes.get("name", ""), path))
        _require_few(len(book.sheets))

    def properties(attributes: dict[str, str]) -> None:
        book.counts_from_1904 = attributes.get("date1904") in {"1", "true"}

    _scan(archive, main, StreamParser(starts={"sheet": sheet, "workbookPr": properties}))
    return book


def read_date_styles(archive: zipfile.ZipFile, path: str | None) -> Mapping[str, Kind]:
    """The styles, by their number as a cell names it, that make a number a date, a time or a duration."""
    if path is None or path not in archive.NameToInfo:
        return {}
    own_formats: dict[str, Kind | None] = {}
    kinds: list[Kind | None] = []
    inside: list[bool] = []

    def number_format(attributes: dict[str, str]) -> None:
        own_formats[attributes.get("numFmtId", "")] = kind_of_format(attributes.get("formatCode", ""))
        _require_few(len(own_formats))

    def cell_format(attributes: dict[str, str]) -> None:
        if inside:
            number = attributes.get("numFmtId", "0")
            kinds.append(own_formats[number] if number in own_formats else kind_of_format(_integer(number)))
            _require_few(len(kinds))

    starts = {"numFmt": number_format, "cellXfs": lambda _attributes: inside.append(True), "xf": cell_format}
    _scan(archive, path, StreamParser(starts=starts, ends={"cellXfs": inside.clear}))
    return {str(number): kind for number, kind in enumerate(kinds) if kind is not None}


def _main_path(archive: zipfile.ZipFile) -> str:
    for kind, path in _relationships(archive, "").values():
        if kind == "officeDocument":
            return path
    raise TableUnreadable(_("The archive holds no XLSX workbook. Save the table as XLSX."))


def _relationships(archive: zipfile.ZipFile, owner: str) -> dict[str, tuple[str, str]]:
    """Kind and path of every part that ``owner`` refers to, by the identifier it uses."""
    folder, name = posixpath.split(owner)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}

    def relationship(attributes: dict[str, str]) -> None:
        if attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, target.lstrip("/"))
        _require_few(len(found))

    if path in archive.NameToInfo:
        _scan(archive, path, StreamParser(starts={"Relationship": relationship}))
    return found


def _scan(archive: zipfile.ZipFile, path: str, parser: StreamParser) -> None:
    with open_part(archive, path) as part:
        for _piece in parser.feed(part):
            pass


def _integer(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _require_few(count: int) -> None:
    if count > _MOST_ITEMS:
        raise TableUnreadable(
            _("The workbook has too many styles or parts. Copy the cells that matter into a new workbook.")
        )
