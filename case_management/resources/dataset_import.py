"""``import_data`` of import-export over our engine, for hosts that hold their rows in a Dataset."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from import_export.results import Result, RowResult

from case_management import conf
from case_management.domain.actor import Actor
from case_management.resources.case_import import CaseImport, Tally
from case_management.resources.mapping import Mapping
from case_management.tabular import Row


class DatasetImport:
    """Mixin for a ModelResource: cases come in through the operation, whatever path the rows take.

    ``user`` of the Resource is the person whose rights hold.
    """

    user: Any

    @property
    def actor(self) -> Actor:
        """The importing person."""
        return Actor.importing(self.user, batch=getattr(self, "batch_label", "import"))

    def import_data(self, dataset: Any, dry_run: bool = False, raise_errors: bool = False, **kwargs: Any) -> Result:
        """Take the rows of a ``tablib.Dataset`` in; ``dry_run`` checks them without writing.

        A refused row is in ``result.invalid_rows``; ``result.totals`` has the counts. All rows go in, or, where
        ``rollback_on_validation_errors`` asks for it and one is refused, none.
        """
        incoming = CaseImport(self, dataset.headers or [], kwargs.pop("mapping", Mapping()), check_only=dry_run)
        rows = [Row(number, dict(zip(dataset.headers, row, strict=True))) for number, row in enumerate(dataset, 2)]
        tally = Tally()
        with transaction.atomic():
            for start in range(0, len(rows), conf.chunk_size()):
                tally += incoming.run(rows[start : start + conf.chunk_size()])
            if tally.refused and kwargs.get("rollback_on_validation_errors"):
                transaction.set_rollback(True)
        if raise_errors and tally.refused:
            raise ValidationError([note.message for note in tally.notes if note.refused])
        return _result(tally, dataset.headers, len(rows))


def _result(tally: Tally, headers: list[str], rows: int) -> Result:
    result = Result()
    result.diff_headers, result.total_rows = list(headers), rows
    result.totals |= {
        RowResult.IMPORT_TYPE_NEW: tally.created,
        RowResult.IMPORT_TYPE_UPDATE: tally.updated,
        RowResult.IMPORT_TYPE_SKIP: tally.unchanged,
        RowResult.IMPORT_TYPE_INVALID: tally.refused,
    }
    for note in tally.notes:
        if note.refused:
            error = ValidationError({note.column or "__all__": [note.message]})
            result.append_invalid_row(note.row, note.values, error)
    return result
