"""How many cases a question finds, status by status; where they are few, the count brings their ids along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Count, JSONField, Q

from case_management import conf
from case_management.domain.states import Status

#: Of so many cases the ids are kept, and the page need not look for them again.
FEW = 1000


class FewIds(Aggregate):
    """The ids in no order; None of none, and of more than :data:`FEW`."""

    output_field = JSONField()
    #: Databases that are not named below give no ids.
    template = "NULL"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """As an array."""
        return self._of(compiler, connection, "TO_JSONB(ARRAY_AGG(%(expressions)s))")

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """As text."""
        return self._of(compiler, connection, "JSON_GROUP_ARRAY(%(expressions)s)")

    def _of(self, compiler: Any, connection: Any, ids: str) -> Any:
        return self.as_sql(compiler, connection, template=f"CASE WHEN COUNT(*) BETWEEN 1 AND {FEW} THEN {ids} END")


@dataclass(frozen=True)
class Sizes:
    """``by_status`` is None of more cases than are worth counting; ``ids`` are those of a few cases."""

    by_status: dict[str, int] | None = None
    ids: list[int] | None = None

    @classmethod
    def of(cls, rows: Any, statuses: tuple[Status, ...]) -> Sizes:
        """The sizes of ``rows``, which can have these statuses; one query."""
        if not statuses:
            return cls({})
        cap = conf.list_count_cap()
        parts = {str(status): Count("pk", filter=Q(status=status)) for status in statuses}
        found = rows.order_by()[: cap + 1].aggregate(**parts, few_ids=FewIds("pk"))
        ids = found.pop("few_ids")
        return cls(found, ids) if sum(found.values()) <= cap else cls()
