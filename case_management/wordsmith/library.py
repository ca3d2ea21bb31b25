"""Which responses suit a case, how well, and what became of the cases that they closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from case_management.models import Case, CaseEvent, Message, ScriptedResponse
from case_management.models.message import Direction
from case_management.models.wording import ScriptedState
from case_management.wordsmith.written import Prompt

#: The parts of a response's scope, in the order in which a misfit is told.
SCOPE = ("topic", "case_type", "source", "unit", "language")


@dataclass
class Fit:
    """One approved response beside one case: higher ``closeness`` fits closer; ``misfits`` say for what else it is."""

    response: ScriptedResponse
    closeness: int = 0
    misfits: list[str] = field(default_factory=list)
    used: int = 0

    @property
    def fits(self) -> bool:
        """Whether the case lies within the response's scope."""
        return not self.misfits

    @cached_property
    def _searched(self) -> str:
        row = self.response
        return " ".join((row.key, row.name, row.keywords, row.subject, row.body)).casefold()

    def matches(self, words: Iterable[str]) -> bool:
        """Whether every word stands somewhere in it."""
        return all(word in self._searched for word in words)


def library(case: Case, *, query: str = "", with_usage: bool = True) -> list[Fit]:
    """Every approved response that ``query`` finds: those that fit first, the closest and most used ahead.

    One query, and one more for the usage; ``query`` is words, all of which have to be found.
    """
    rows = ScriptedResponse.objects.filter(state=ScriptedState.APPROVED)
    fits = [_fit(row, case) for row in rows.select_related("topic", "case_type", "source", "unit")]
    words = query.casefold().split()
    found = [fit for fit in fits if fit.matches(words)]
    if with_usage and found:
        counts = used_by_key()
        for fit in found:
            fit.used = counts.get(fit.response.key, 0)
    asked = query.strip().casefold()
    found.sort(key=lambda fit: (fit.response.key != asked, not fit.fits, -fit.closeness, -fit.used, fit.response.name))
    return found


def used_by_key() -> dict[str, int]:
    """Key of a response → letters sent with any version of it."""
    sent = Message.objects.filter(response__isnull=False, direction=Direction.OUTBOUND)
    rows = sent.values("response").annotate(n=Count("pk")).order_by().values_list("response__key", "n")
    counts: dict[str, int] = {}
    for key, count in rows:
        counts[key] = counts.get(key, 0) + count
    return counts


def prompts_of(response: ScriptedResponse) -> list[Prompt]:
    """The questions that it asks."""
    return [Prompt(str(each["name"]), str(each["label"])) for each in response.prompts]


def _fit(response: ScriptedResponse, case: Case) -> Fit:
    fit = Fit(response)
    for place, name in enumerate(SCOPE):
        wanted = getattr(response, name)
        if not wanted:
            continue
        closeness = _closeness(name, wanted, case)
        if closeness:
            fit.closeness += closeness + len(SCOPE) - place
        else:
            fit.misfits.append(str(wanted))
    return fit


def _closeness(name: str, wanted: Any, case: Case) -> int:
    """0: the case lies outside. Branches count for more the deeper they are."""
    if name == "language":
        spoken = case.contact.language if case.contact else ""
        return int(not spoken or _primary(spoken) == _primary(wanted))
    held = getattr(case, name)
    if held is None:
        return 0
    if name in ("topic", "unit"):
        return 10 * int(wanted.depth) if held.path.startswith(wanted.path) else 0
    return 10 if held.pk == wanted.pk else 0


def _primary(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]


def with_outcome(rows: QuerySet[ScriptedResponse], cases: Any) -> QuerySet[ScriptedResponse]:
    """Each response with ``used`` (letters), ``closed`` (cases resolved after one) and ``reopened`` (of those, again).

    Counted by the database in the rows' own query, among ``cases``.
    """
    sent = Message.objects.filter(
        response=OuterRef("pk"), direction=Direction.OUTBOUND, case__in=cases.order_by().values("pk")
    ).order_by()
    settled = _later("resolved", "sent_at")
    again = Exists(_events("resolved", "sent_at").filter(_later("reopened", "occurred_at")))
    return rows.annotate(
        used=_count(sent, "pk"),
        closed=_count(sent.filter(settled), "case"),
        reopened=_count(sent.filter(again), "case"),
    )


def _events(code: str, after: str) -> Any:
    return CaseEvent.objects.filter(case=OuterRef("case"), type=code, occurred_at__gte=OuterRef(after))


def _later(code: str, after: str) -> Exists:
    return Exists(_events(code, after))


def _count(rows: Any, what: str) -> Coalesce:
    counted = rows.values("response").annotate(n=Count(F(what), distinct=True)).values("n")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())
