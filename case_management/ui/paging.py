"""Pages of a long list that cost the same wherever they stand: the next one starts after the last row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, Model, Value

_SALT = "case_management.paging"


class Beyond(Func):
    """``(a, b) > (x, y)`` over rows: one range of an index, however many rows share the same ``a``."""

    output_field = BooleanField()

    def __init__(self, *expressions: Any, operator: str) -> None:
        super().__init__(*expressions)
        self.operator = operator

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        """The first half of the expressions is compared with the second."""
        compiled = [compiler.compile(expression) for expression in self.source_expressions]
        half = len(compiled) // 2
        left, right = (", ".join(sql for sql, _ in part) for part in (compiled[:half], compiled[half:]))
        return f"({left}) {self.operator} ({right})", [value for _, params in compiled for value in params]


def _column(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)


@dataclass(frozen=True)
class Order:
    """Columns that rows are sorted by, all in the same direction; the last one tells rows apart."""

    fields: tuple[str, ...]
    descending: bool = False

    def sort(self, rows: Any, *, backwards: bool = False) -> Any:
        """``rows`` in this order, or in the opposite one."""
        sign = "-" if self.descending != backwards else ""
        return rows.order_by(*(sign + name for name in self.fields))

    def beyond(self, rows: Any, values: Sequence[Any], *, backwards: bool = False) -> Any:
        """Only what comes after (or before) the row with ``values``."""
        model: type[Model] = rows.model
        wanted = [
            Value(value, output_field=_column(model, name)) for name, value in zip(self.fields, values, strict=True)
        ]
        operator = "<" if self.descending != backwards else ">"
        return rows.filter(Beyond(*map(F, self.fields), *wanted, operator=operator))

    def values(self, row: Any) -> tuple[Any, ...]:
        """Where ``row`` stands."""
        return tuple(getattr(row, name) for name in self.fields)


@dataclass(frozen=True)
class Segment:
    """A stretch of the list with an order of its own; ``count`` is None where counting was too dear."""

    name: str
    order: Order
    count: int | None = None


@dataclass(frozen=True)
class Cursor:
    """A place between two rows: beside the row with ``values`` in the segment."""

    segment: str
    values: tuple[Any, ...]
    backwards: bool = False

    def encode(self, order: str) -> str:
        """The cursor as a parameter; signed, so that no other value ever reaches the database."""
        plain = [value.isoformat() if hasattr(value, "isoformat") else value for value in self.values]
        return signing.dumps([order, self.segment, *plain], salt=_SALT)

    @classmethod
    def decode(cls, text: str, order: str, model: type[Model], segments: Sequence[Segment]) -> Self | None:
        """The cursor, or None when the text is not one of ours for this order."""
        try:
            kept, name, *plain = signing.loads(text, salt=_SALT)
            fields = {segment.name: segment.order.fields for segment in segments}[name]
            pairs = zip(fields, plain, strict=True)
            values = tuple(_column(model, field).to_python(value) for field, value in pairs)
        except (signing.BadSignature, KeyError, ValueError, ValidationError):
            return None
        return cls(name, values) if kept == order else None


@dataclass(frozen=True)
class Leaf:
    """One page: its rows, and the cursors of its neighbours where there are any."""

    rows: list[tuple[str, Any]]
    previous: Cursor | None = None
    following: Cursor | None = None


@dataclass(frozen=True)
class Listing:
    """Rows that fall into segments by the value of ``field``; a list without segments of its own has just one."""

    rows: Any
    segments: Sequence[Segment]
    field: str = ""
    #: Adds to a queryset what a page shows: with it rows are chosen in a subquery and read whole by their keys.
    #: PostgreSQL orders eight tables at most, the subquery among them; of more, the one that is a filter may come last,
    #: and be applied to every row. So join six at most.
    dress: Callable[[Any], Any] | None = None

    def page(self, cursor: Cursor | None, size: int) -> Leaf:
        """The ``size`` rows at the cursor: after it, or before it when it looks backwards."""
        backwards = cursor is not None and cursor.backwards
        found = self._walk(cursor, size + 1)
        rows, more = found[:size], len(found) > size
        if backwards and not more:
            return self.page(None, size)
        if backwards:
            rows.reverse()
        before = self._cursor(rows[0], backwards=True) if rows and (more if backwards else cursor) else None
        after = self._cursor(rows[-1]) if rows and (backwards or more) else None
        return Leaf(rows, before, after)

    def beside(self, cursor: Cursor) -> list[tuple[str, Any]]:
        """The one row next to the cursor, if there is one."""
        return self._walk(cursor, 1)

    def _cursor(self, row: tuple[str, Any], *, backwards: bool = False) -> Cursor:
        order = next(segment.order for segment in self.segments if segment.name == row[0])
        return Cursor(row[0], order.values(row[1]), backwards)

    def _walk(self, cursor: Cursor | None, wanted: int) -> list[tuple[str, Any]]:
        """Rows segment by segment, away from the cursor: two queries, or one where the segments were counted."""
        backwards = cursor is not None and cursor.backwards
        stretch = self._from(cursor, backwards)
        if all(segment.count is not None for segment in stretch):
            return self._together(self._parts(stretch, cursor, wanted), backwards)[:wanted]
        found: list[tuple[str, Any]] = []
        # Most pages lie within one segment, and nobody knows how far the others must be read for nothing.
        for segments in (stretch[:1], stretch[1:]):
            if len(found) < wanted:
                parts = [(each, self._part(each, _place(cursor, each), backwards, wanted)) for each in segments]
                found += self._together(parts, backwards)
        return found[:wanted]

    def _parts(self, stretch: list[Segment], cursor: Cursor | None, wanted: int) -> list[tuple[Segment, Any]]:
        """The few segments that can fill the page, each cut to what is needed of it."""
        backwards = cursor is not None and cursor.backwards
        parts, sure = [], 0
        for segment in stretch:
            at = _place(cursor, segment)
            # How many rows lie beyond the cursor was not counted, so nothing of its segment is sure.
            if sure < wanted and (at is not None or segment.count):
                parts.append((segment, self._part(segment, at, backwards, wanted - sure)))
                sure += min(segment.count or 0, wanted - sure) if at is None else 0
        return parts

    def _from(self, cursor: Cursor | None, backwards: bool) -> list[Segment]:
        walked = list(reversed(self.segments)) if backwards else list(self.segments)
        names = [segment.name for segment in walked]
        return walked[names.index(cursor.segment) :] if cursor else walked

    def _part(self, segment: Segment, at: tuple[Any, ...] | None, backwards: bool, limit: int) -> Any:
        """The first rows of a segment, or the first beyond a place in it."""
        rows = self.rows.filter(**{self.field: segment.name}) if self.field else self.rows
        if at is not None:
            rows = segment.order.beyond(rows, at, backwards=backwards)
        return segment.order.sort(rows, backwards=backwards)[:limit]

    def _together(self, parts: list[tuple[Segment, Any]], backwards: bool) -> list[tuple[str, Any]]:
        """One query for several segments, sorted here."""
        if not parts or (len(parts) == 1 and self.dress is None):
            return [(segment.name, row) for segment, part in parts for row in part]
        plain = self.rows.model._default_manager.using(self.rows.db)
        keys = [plain.filter(pk__in=part.values("pk")).order_by().values("pk") for _, part in parts]
        wanted = keys[0].union(*keys[1:], all=True) if len(keys) > 1 else parts[0][1].values("pk")
        rows = list((self.dress(plain) if self.dress else self.rows).order_by().filter(pk__in=wanted))
        found: list[tuple[str, Any]] = []
        for segment, _part in parts:
            mine = [row for row in rows if not self.field or getattr(row, self.field) == segment.name]
            mine.sort(key=segment.order.values, reverse=segment.order.descending != backwards)
            found += [(segment.name, row) for row in mine]
        return found


def _place(cursor: Cursor | None, segment: Segment) -> tuple[Any, ...] | None:
    return cursor.values if cursor and cursor.segment == segment.name else None
