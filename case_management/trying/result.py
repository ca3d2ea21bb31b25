"""What came of a trial: counts that add up chunk by chunk, and a row per time that the rule would have acted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from case_management.rules.foresight import Foreseen
from case_management.trying.names import Names

Key = tuple[str, str]
#: More different transitions or reasons than this are added up as “…”.
MOST_NAMES = 60
_REST = "…"


class Tally:
    """Counts by group and name; ``{"field.priority": {"normal → high": 3}}`` as JSON."""

    def __init__(self, stored: Mapping[str, Mapping[str, int]] | None = None) -> None:
        groups = stored or {}
        self._counts: Counter[Key] = Counter({(group, name): count for group, names in groups.items()
                                              for name, count in names.items()})  # fmt: skip

    def add(self, group: str, name: str, count: int = 1) -> None:
        """So many more."""
        if count:
            self._counts[group, name] += count

    def take_in(self, other: Tally) -> None:
        """The counts of another chunk."""
        self._counts.update(other._counts)

    def get(self, group: str, name: str) -> int:
        """One count."""
        return self._counts[group, name]

    def group(self, group: str) -> dict[str, int]:
        """The counts of one group, the greatest first; what is beyond the most names is added up."""
        found = {name: count for (held, name), count in self._counts.items() if held == group and name != _REST}
        ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        most = len(ranked) if group == "day" else MOST_NAMES
        rest = self._counts[group, _REST] + sum(count for _name, count in ranked[most:])
        return dict(ranked[:most]) | ({_REST: rest} if rest else {})

    def as_json(self) -> dict[str, dict[str, int]]:
        """Everything, for a JSON column or file."""
        return {group: self.group(group) for group in sorted({group for group, _name in self._counts})}


@dataclass
class Touched:
    """One time that the rule would have acted."""

    at: datetime
    case_id: int | None = None
    interaction_id: int | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


@dataclass
class Chunk:
    """What came of one chunk."""

    tally: Tally = field(default_factory=Tally)
    rows: list[Touched] = field(default_factory=list)


def told(foreseen: list[Foreseen], names: Names) -> list[dict[str, Any]]:
    """The entries of a row: per action its changes by name, before and after, or why there are none."""
    return [_entry(one, names) for one in foreseen]


def _entry(one: Foreseen, names: Names) -> dict[str, Any]:
    entry: dict[str, Any] = {"action": one.action}
    if one.changes:
        entry["changes"] = [
            {"field": name.removesuffix("_id"), "before": said(name, before, names), "after": said(name, after, names)}
            for name, (before, after) in one.changes.items()
        ]
    entry |= {key: text for key, text in (("idle", one.idle), ("refused", one.refused)) if text}
    return entry | {key: value for key, value in one.tells.items() if value}


def said(name: str, value: Any, names: Names) -> Any:
    """A value as it stands in files."""
    if name == "tags":
        return [names.tags.get(tag, f"#{tag}") for tag in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return names.said(name, value)


def count_actions(tally: Tally, entries: list[dict[str, Any]]) -> bool:
    """Add a row's entries up; returns whether a fact of the case would change."""
    changes = [change for entry in entries for change in entry.get("changes", ())]
    for change in changes:
        _count_change(tally, change)
    for entry in entries:
        for group, name in _named(entry):
            tally.add(group, name)
    return bool(changes)


def _named(entry: dict[str, Any]) -> Iterator[Key]:
    """What an action did beside changing facts."""
    action = entry["action"]
    yield from ((group, f"{action}: {entry[group]}") for group in ("idle", "refused") if group in entry)
    yield from (("mailed", str(user)) for user in entry.get("users", ()))
    yield from (("addresses", address) for address in entry.get("addresses", ()))
    yield from ((group, action) for group in ("customer", "alert", "unforeseen") if group in entry)
    if "webhook" in entry:
        yield "webhook", entry["webhook"]
    if "chain" in entry:
        yield "chain", ", ".join(entry["chain"])


def _count_change(tally: Tally, change: dict[str, Any]) -> None:
    name, before, after = change["field"], change["before"], change["after"]
    if name in ("due_at", "deadline", "breached_at", "opened_at", "resolved_at", "closed_at", "snoozed_until",
                "awaiting_since", "started_at"):  # fmt: skip
        # Moments differ from case to case: only the direction is worth a count.
        how = "new" if before is None else "gone" if after is None else "earlier" if after < before else "later"
        tally.add("sla" if name == "due_at" else f"field.{name}", how)
        return
    tally.add(f"field.{name}", f"{_word(before)} → {_word(after)}")


def _word(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return str(value)[:60]
