"""Cases that may be about the same matter: the same person, near in time, and alike in what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from case_management.domain.words import words_of
from case_management.models import Case

#: Opened at most so long before or after.
NEAR = timedelta(days=14)
#: So many are shown.
MOST_SHOWN = 3
#: Titles are alike when they share this part of their words.
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Suspect:
    """One case, and why it is suspected."""

    case: Case
    reason: str
    weight: int


def duplicates_of(case: Case, others: list[Case]) -> list[Suspect]:
    """The likeliest of ``others``, which are the customer's and those of people with the same address."""
    near = [other for other in others if abs(other.opened_at - case.opened_at) <= NEAR and not other.merged_into_id]
    found = [] if case.merged_into_id else [_suspect(case, other) for other in near]
    likely = sorted((each for each in found if each is not None), key=lambda each: -each.weight)
    return likely[:MOST_SHOWN]


def _suspect(case: Case, other: Case) -> Suspect | None:
    """None where nothing but the person is the same."""
    alike = []
    if _alike(case.title, other.title):
        alike.append((3, _("similar title")))
    if case.topic_id is not None and case.topic_id == other.topic_id:
        alike.append((2, _("same topic")))
    if case.unit_id is not None and case.unit_id == other.unit_id:
        alike.append((1, _("same unit")))
    if not alike:
        return None
    who = _("same customer") if other.contact_id == case.contact_id else _("same e-mail or phone")
    words = [who, *(word for _weight, word in alike), _apart(case, other)]
    return Suspect(other, ", ".join(words), sum(weight for weight, _word in alike))


def _alike(one: str, other: str) -> bool:
    mine, theirs = set(words_of(one)), set(words_of(other))
    return bool(mine and theirs) and len(mine & theirs) / len(mine | theirs) >= ALIKE


def _apart(case: Case, other: Case) -> str:
    days = abs(other.opened_at - case.opened_at).days
    return ngettext("opened %d day apart", "opened %d days apart", days) % days if days else _("opened within a day")
