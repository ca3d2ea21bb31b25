"""How a letter can end: the writer's own words, or a signature of theirs, of the unit, or of everybody.

The one place that says which signatures may be chosen, in which order, and how they are called.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case as Whether
from django.db.models import F, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from case_management.models import Case, Preferences, Signature, Unit

#: Choices that are no entry of the list: the words of one's preferences, none at all, words for this letter alone.
OWN, NONE, CUSTOM = "own", "", "custom"
#: Deeper than any unit stands.
_FAR = 1000


@dataclass(frozen=True)
class SignatureChoice:
    """One signature that may be chosen."""

    key: str
    name: str
    text: str


def signatures_for(user: Any, case: Case) -> list[SignatureChoice]:
    """What ``user`` may end a letter about ``case`` with, the best first; two queries."""
    words = Preferences.of(user).signature.strip()
    offered: Any = signatures_offered(user, case)
    rows = list(offered.order_by("nearness", "name", "pk"))
    texts = {OWN: words, **{str(row.pk): row.text.strip() for row in rows}}
    pairs = signature_choices(bool(words), ((row.pk, row.name) for row in rows))
    return [SignatureChoice(key, name, texts[key]) for key, name in pairs]


def signature_choices(has_own: bool, rows: Iterable[tuple[int, str]]) -> list[tuple[str, str]]:
    """(key, name) of what may be chosen: the words of one's preferences, then the ``rows`` as they are offered."""
    return [*([(OWN, _("My own"))] if has_own else []), *((str(pk), name) for pk, name in rows)]


def chosen_signature(choices: list[SignatureChoice], key: str | None = None) -> SignatureChoice:
    """The one with ``key``; without a key the first. No words where nothing may be chosen, or nothing was."""
    none = SignatureChoice(NONE, _("No signature"), "")
    if key is None:
        return choices[0] if choices else none
    return next((choice for choice in choices if choice.key == key), none)


def signatures_offered(user: Any, case: Case) -> QuerySet[Signature]:
    """The person's own, those of the case's unit and the units above it, and everybody's.

    ``nearness`` sorts them: one's own, then the unit's (the nearest first), then everybody's.
    """
    step, path = int(Unit.steplen), case.unit.path if case.unit else ""
    above = [path[:end] for end in range(step, len(path) + 1, step)]
    fits = Q(owner=user) | Q(owner=None, unit=None) | Q(owner=None, unit__path__in=above)
    nearness = Whether(
        When(owner=user, then=Value(0)),
        When(unit=None, then=Value(_FAR)),
        default=Value(_FAR) - F("unit__depth"),
        output_field=IntegerField(),
    )
    return Signature.objects.filter(fits).annotate(nearness=nearness)


def signed(text: str, signature: str) -> str:
    """The letter with its ending."""
    return f"{text.rstrip()}\n\n{signature.strip()}" if signature.strip() else text.rstrip()
