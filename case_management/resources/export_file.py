"""Writes what a person may export to a file of any format, in constant memory, and says how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, BinaryIO

from django.http import QueryDict
from django.utils.translation import gettext as _

from case_management import conf
from case_management.exceptions import ValueUnknown
from case_management.filters import CaseFilterSet
from case_management.resources.catalogue import CASES, offers, resource_for
from case_management.resources.chosen_cases import among_chosen, chosen_by
from case_management.tabular import open_writer

#: Rows written so far, rows in all.
Progress = Callable[[int, int], None]
PROGRESS_ROWS = 5_000
PROGRESS_SECONDS = 1.0


def export_rows(user: Any, key: str, query: str) -> tuple[Any, Any]:
    """The Resource and the rows that ``user`` may export now under ``key`` and that ``query`` asks for.

    Raises RightMissing, InvalidConfiguration, or ValueUnknown for a query that means nothing.
    """
    resource = resource_for(user, key)
    rows = resource.get_queryset().using(conf.reports_database())
    return resource, filtered(rows, key, query, user)


def filtered(rows: Any, key: str, query: str, user: Any) -> Any:
    """The rows that the query string asks for, in the words of the case list."""
    if not query:
        return rows
    if offers.get(key).model is not offers.get(CASES).model:
        raise ValueUnknown(_("Only cases can be filtered; leave the filter empty."), fields=["query"])
    if (chosen := chosen_by(query, user)) is not None:
        return among_chosen(rows, chosen).order_by("pk")
    question = CaseFilterSet(QueryDict(query), rows, user=user)
    if not question.is_valid():
        faults = "; ".join(f"{name}: {' '.join(errors)}" for name, errors in question.form.errors.items())
        raise ValueUnknown(_("The filter cannot be used: %s") % faults, fields=["query"])
    return question.qs.order_by("pk")


def write_export(source: tuple[Any, Any], format: str, file: BinaryIO, progress: Progress) -> int:
    """Write the Resource's rows; returns how many. A failure leaves a file that no program takes for a whole one."""
    resource, rows = source
    columns = [column.column_name for column in resource.export_columns()]
    total, told = rows.count(), time.monotonic()
    progress(0, total)
    with open_writer(file, format, columns, title=str(resource._meta.model._meta.verbose_name_plural)) as table:
        for row in resource.iter_export(rows):
            table.write(row)
            if table.count % PROGRESS_ROWS == 0 or (table.count % 100 == 0 and _is_time(told)):
                progress(table.count, total)
                told = time.monotonic()
    return table.count


def _is_time(told: float) -> bool:
    return time.monotonic() - told >= PROGRESS_SECONDS
