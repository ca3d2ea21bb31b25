"""A trial of a draft over the history that there is: in chunks, by somebody who sees their part; nothing is written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db import router, transaction
from django.utils.translation import gettext as _

from case_management.access import Reach, visible_to
from case_management.access.setting_up import may_set_up
from case_management.exceptions import RightMissing
from case_management.models import Case, Interaction
from case_management.models.among import among
from case_management.trying.result import Chunk, Tally, Touched
from case_management.trying.subjects import Place, Subjects, chunks_of, shares_of


@dataclass
class Result:
    """What came of a trial. ``rows`` name only what the reader may see; ``tally`` counts everything.

    ``as_today`` are the names of what was asked although nothing keeps what it was.
    """

    tally: Tally = field(default_factory=Tally)
    rows: list[Touched] = field(default_factory=list)
    as_today: dict[str, str] = field(default_factory=dict)


class Trial(ABC):
    """One draft, one span of time, one reader; looked through chunk by chunk. Raises RightMissing for other readers."""

    #: What is tried: who may change such entries may try them.
    model: ClassVar[Any]
    #: Whether what happens about one case depends on the contact's other ones.
    by_contact = False

    def __init__(self, since: datetime, until: datetime, reader: Any = None) -> None:
        if reader is not None and not may_set_up(reader, "change", self.model):
            name = self.model._meta.verbose_name_plural
            refusal = _("Only who may change %s may try them.") % name
            raise RightMissing(refusal, permission=f"change_{self.model._meta.model_name}")
        self.since, self.until, self._reader = since, until, reader
        self.as_today: dict[str, str] = {}

    @property
    @abstractmethod
    def subjects(self) -> Any:
        """The rows that are looked at."""

    @abstractmethod
    def look(self, subjects: Subjects) -> Chunk:
        """What came of these."""

    def whole(self) -> Result:
        """All of it at once."""
        result = Result(as_today=self.as_today)
        for share in self.shares():
            for chunk, _place in self.chunks(share):
                result.tally.take_in(chunk.tally)
                result.rows += chunk.rows
        return result

    def shares(self, parts: int = 1) -> list[Place]:
        """All of it in about so many shares, each of which can be looked through by itself."""
        return shares_of(self.subjects, by_contact=self.by_contact, parts=parts)

    def chunks(self, place: Place) -> Iterator[tuple[Chunk, Place]]:
        """What came of each chunk of a share, and the place from which it can be taken up again."""
        for ids, following in chunks_of(self.subjects, place):
            yield self._look(ids), following

    def _look(self, ids: Subjects) -> Chunk:
        """Deciding may leave a trace, such as a new version of a calendar; whatever it is, it is rolled back."""
        with transaction.atomic(using=router.db_for_write(Case)):
            chunk = self.look(ids)
            chunk.tally.add("total", "subjects", len(ids))
            self._name(chunk)
            transaction.set_rollback(True, using=router.db_for_write(Case))
        return chunk

    def _name(self, chunk: Chunk) -> None:
        """Keep the rows of what the reader may see."""
        if self._reader is None:
            return
        seen = _Seen(self._reader, chunk.rows)
        kept = [row for row in chunk.rows if seen.may(row)]
        chunk.tally.add("total", "unseen", len(chunk.rows) - len(kept))
        chunk.rows = kept


class _Seen:
    """Which of some rows the reader may see: by the case, else by the unit of what the customer said."""

    def __init__(self, reader: Any, rows: list[Touched]) -> None:
        case_ids = [row.case_id for row in rows if row.case_id]
        said = [row.interaction_id for row in rows if row.interaction_id and not row.case_id]
        self._cases = set(visible_to(reader).filter(pk__in=among(Case, case_ids)).values_list("pk", flat=True))
        self._said = self._about(Reach.of(reader, "view_case"), said) if said else set()

    @staticmethod
    def _about(reach: Reach, said: list[int]) -> set[int]:
        about = Interaction.objects.filter(pk__in=among(Interaction, said))
        return set(
            said if reach.is_everywhere else about.filter(unit__in=reach.all_units()).values_list("pk", flat=True)
        )

    def may(self, row: Touched) -> bool:
        """Whether the row is named."""
        return row.case_id in self._cases if row.case_id else row.interaction_id in self._said
