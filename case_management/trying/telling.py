"""A trial as other programs and spreadsheets read it: JSON, and one line per change for a CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from case_management.models import Case, Interaction, Rule
from case_management.models.among import among
from case_management.trying.outcomes import on_time
from case_management.trying.result import Touched
from case_management.trying.trial import Result
from case_management.trying.tried_policy import TriedPolicy

#: Rows are given their references in batches of this size.
BATCH = 2000


@dataclass(frozen=True)
class Line:
    """One time that the rule would have acted, with the names of what it is about."""

    reference: str
    said: str
    at: datetime
    actions: list[dict[str, Any]]
    conflicts: list[str]

    def as_json(self) -> dict[str, Any]:
        """For the JSON file."""
        names = {"case": self.reference or None, "response": self.said or None, "at": self.at.isoformat()}
        return {**names, "actions": self.actions, "conflicts": self.conflicts}

    def as_policy_json(self) -> dict[str, Any]:
        """The same for a policy: the case's clocks."""
        return {"case": self.reference, "opened_at": self.at.isoformat(), "clocks": self.actions}


def named(rows: Iterable[Touched]) -> Iterator[Line]:
    """The rows with references of cases and external ids of responses; two queries per batch."""
    batch: list[Touched] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH:
            yield from _named(batch)
            batch = []
    yield from _named(batch)


def _named(rows: list[Touched]) -> Iterator[Line]:
    cases = Case.objects.filter(pk__in=among(Case, {row.case_id for row in rows if row.case_id}))
    said = Interaction.objects.filter(
        pk__in=among(Interaction, {row.interaction_id for row in rows if row.interaction_id})
    )
    references, ids = dict(cases.values_list("pk", "reference")), dict(said.values_list("pk", "external_id"))
    for row in rows:
        names = references.get(row.case_id or 0, ""), ids.get(row.interaction_id or 0, "")
        yield Line(*names, row.at, row.actions, row.conflicts)


def head(tried: Rule | TriedPolicy, since: datetime, until: datetime, found: Result) -> dict[str, Any]:
    """Everything but the rows, for the JSON file."""
    begin = {"since": since.isoformat(), "until": until.isoformat(), "counts": found.tally.as_json()}
    if isinstance(tried, TriedPolicy):
        shares = {metric: {"before": before, "after": after} for metric, before, after in on_time(found.tally)}
        return {"policy": tried.label, "terms": tried.terms.as_json(), **begin, "on_time": shares}
    about = {"rule": tried.label, "occasion": tried.occasion}
    return {**about, **begin, "read_as_it_is_today": sorted(found.as_today)}


def columns() -> list[str]:
    """Headings of the CSV."""
    return [
        _("Case"), _("Response"), _("Moment"), _("Action"), _("Field"), _("Before"), _("After"), _("Mailed"),
        _("Remark"), _("Conflicts"),
    ]  # fmt: skip


def cells(line: Line) -> Iterator[list[Any]]:
    """The lines of a spreadsheet: one per change, or per action that changes no fact."""
    begin = [line.reference, line.said, line.at]
    for action in line.actions:
        mailed = ", ".join([*action.get("users", ()), *action.get("addresses", ()), *_customer(action)])
        end = [mailed, action.get("refused") or action.get("idle") or "", "; ".join(line.conflicts)]
        changes = action.get("changes") or [{"field": "", "before": "", "after": ""}]
        for change in changes:
            values = [_cell(change["before"]), _cell(change["after"])]
            yield [*begin, action["action"], change["field"], *values, *end]


def _customer(action: Mapping[str, Any]) -> list[str]:
    return [_("the customer")] if action.get("customer") else []


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def in_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The head of a trial for a terminal."""
    yield f"{found.get('rule') or found.get('policy')}: {found['since'][:16]} – {found['until'][:16]}"
    for metric, shares in found.get("on_time", {}).items():
        yield f"  {metric}: {_per_cent(shares['before'])} → {_per_cent(shares['after'])} in time"
    for group, names in found["counts"].items():
        for name, count in names.items():
            yield f"  {count:>9,}  {group}: {name}"
    for name in found.get("read_as_it_is_today", ()):
        yield f"  {name}: read as it is today"


def _per_cent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def policy_columns() -> list[str]:
    """Headings of the CSV of a policy's trial."""
    return [_("Case"), _("Opened"), _("Clock"), _("Number"), _("Field"), _("Before"), _("After")]


def policy_cells(line: Line) -> Iterator[list[Any]]:
    """One line per change of a clock; seconds, and moments as ISO text. What stays is left out, but for the outcome."""
    for entry in line.actions:
        for change in entry["changes"]:
            values = [_cell(change["before"]), _cell(change["after"])]
            yield [line.reference, line.at, entry["action"], entry["number"], change["field"], *values]
