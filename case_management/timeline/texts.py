"""Keeps the words that search reads (:class:`CaseText`) in step with cases, notes, interactions and messages.

The recorder calls :func:`follow` in the transaction of the change. Whoever changes a text without recording an event
(a contact renamed, a note redacted, an interaction erased) calls :func:`renew` or :func:`renew_contacts`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Model

from case_management import conf
from case_management.domain.events import CaseCorrected, Event
from case_management.domain.words import words_of
from case_management.models import Case, CaseNote, CaseText, Contact, Interaction, Message
from case_management.models.among import among
from case_management.models.case_text import NAME_MARK
from case_management.timeline.storing import insert

#: Of a longer description the first, of longer conversations the last so many characters are searched.
MOST_CHARACTERS = 50_000
_COLUMNS = ["head", "body", "said"]
#: What is said on cases: the model, its moment, its text.
_SPOKEN: tuple[tuple[type[Model], str, str], ...] = (
    (Interaction, "occurred_at", "comment"),
    (CaseNote, "event__occurred_at", "text"),
    (Message, "sent_at", "text"),
)


def follow(fresh: Sequence[Case], happened: Sequence[tuple[Case, Event]]) -> None:
    """Take in what was just recorded: new cases, corrected texts, notes and interactions. The cases have their rows."""
    said = _said_by(happened)
    fresh_ids = {case.pk for case in fresh}
    corrected = {case.pk: case for case, event in happened if isinstance(event, CaseCorrected)}
    insert(_rows(fresh, said))
    _upsert(_composed([case for pk, case in corrected.items() if pk not in fresh_ids]))
    rest = {case.pk: case for case, _event in happened if case.pk in said}
    _append({pk: said[pk] for pk in rest if pk not in fresh_ids and pk not in corrected}, rest)


def add_said(said: Iterable[tuple[int, str]]) -> None:
    """Add texts, as (case id, text), to what was said on cases: for messages, which are rows and no events.

    The caller holds the cases' locks.
    """
    texts: dict[int, list[str]] = defaultdict(list)
    for case_id, text in said:
        texts[case_id].append(text)
    _append(texts, {})


@transaction.atomic
def renew(case_ids: Iterable[int]) -> int:
    """Read the cases anew and write what differs; returns how many rows did. Locks the cases, chunk by chunk."""
    ids, written = sorted(set(case_ids)), 0
    for start in range(0, len(ids), conf.chunk_size()):
        held = Case.objects.select_for_update(of=("self",))
        rows = differing(held.filter(pk__in=among(Case, ids[start : start + conf.chunk_size()])))
        _upsert(rows)
        written += len(rows)
    return written


def renew_contacts(contact_ids: Iterable[int]) -> int:
    """Renew the cases of contacts whose name has changed."""
    wanted = among(Contact, set(contact_ids))
    return renew(Case.objects.filter(contact_id__in=wanted).order_by().values_list("pk", flat=True))


def differing(cases: Any) -> list[CaseText]:
    """The rows as they should be, of those of ``cases`` (a queryset of one chunk) that lack them or have others."""
    found = _composed(cases.select_related("contact").only("title", "description", "contact__name").order_by("pk"))
    kept = CaseText.objects.in_bulk([row.pk for row in found])
    return [row for row in found if row.pk not in kept or not _same(row, kept[row.pk])]


def _same(one: CaseText, other: CaseText) -> bool:
    """Notes of one moment may stand in either order; what long conversations have lost is not compared."""
    if (one.head, one.body) != (other.head, other.body):
        return False
    cut = min(len(one.said), len(other.said)) > MOST_CHARACTERS - 100
    return cut or sorted(one.said.split()) == sorted(other.said.split())


def _said_by(happened: Sequence[tuple[Case, Event]]) -> dict[int, list[str]]:
    """Case id → texts of the notes and interactions that the events brought; at most one query."""
    ids = {pk for _case, event in happened if (pk := getattr(event, "interaction", None)) is not None}
    rows = Interaction.objects.filter(pk__in=among(Interaction, ids)) if ids else Interaction.objects.none()
    comments = dict(rows.values_list("pk", "comment"))
    said: dict[int, list[str]] = defaultdict(list)
    for case, event in happened:
        comment = comments.get(getattr(event, "interaction", None) or 0, "")
        # What the customer said first is, mostly, the description.
        if comment and comment != case.description:
            said[case.pk].append(comment)
        if event.note:
            said[case.pk].append(event.note.text)
    return said


def _rows(cases: Iterable[Case], said: dict[int, list[str]]) -> list[CaseText]:
    cases = list(cases)
    names = _names(cases)
    return [
        CaseText(
            case_id=case.pk,
            head=f"{_words(case.title)} {NAME_MARK} {_words(names.get(case.contact_id, ''))}".strip(),
            body=_words(case.description),
            said=_latest(" ".join(map(_words, said.get(case.pk, ())))),
        )
        for case in cases
    ]


def _words(text: str) -> str:
    return " ".join(words_of(text[:MOST_CHARACTERS]))[:MOST_CHARACTERS] if text else ""


def _latest(words: str) -> str:
    """The end of a long conversation, from a whole word on."""
    return words if len(words) <= MOST_CHARACTERS else words[-MOST_CHARACTERS:].partition(" ")[2]


def _names(cases: list[Case]) -> dict[int | None, str]:
    """Names of the cases' contacts; those that are not in memory by one query."""
    held: Any = Case.contact
    in_memory = [case.contact for case in cases if case.contact_id and held.is_cached(case)]
    known: dict[int | None, str] = {contact.pk: contact.name for contact in in_memory if contact}
    missing = {case.contact_id for case in cases if case.contact_id} - known.keys()
    if missing:
        known.update(Contact.objects.filter(pk__in=among(Contact, missing)).values_list("pk", "name"))
    return known


def _composed(cases: Iterable[Case]) -> list[CaseText]:
    """Rows from everything that the database holds; title, description and contact as the given cases have them."""
    held = {case.pk: case for case in cases}
    said: dict[int, list[str]] = defaultdict(list)
    for case_id, is_comment, text in _kept_texts(list(held)):
        if not (is_comment and text == held[case_id].description):
            said[case_id].append(text)
    return _rows(held.values(), said)


def _kept_texts(ids: list[int]) -> Iterator[tuple[int, bool, str]]:
    """Case id, whether it is an interaction's comment, and the text, in the order of time; three queries."""
    wanted, found = among(Case, ids), list[tuple[int, datetime, bool, str]]()
    for model, at, text in _SPOKEN:
        rows = model._default_manager.filter(case_id__in=wanted).order_by(at, "pk").values_list("case_id", at, text)
        found += [(case_id, moment, model is Interaction, words) for case_id, moment, words in rows]
    for case_id, _moment, is_comment, words in sorted(found, key=itemgetter(1)):
        yield case_id, is_comment, words


def _append(said: Mapping[int, list[str]], cases: Mapping[int, Case]) -> None:
    """Add to the rows that are there; cases without one are read anew."""
    if not said:
        return
    kept = CaseText.objects.in_bulk(list(said))
    for pk, row in kept.items():
        row.said = _latest(" ".join([row.said, *map(_words, said[pk])]).strip())
    missing = [pk for pk in said if pk not in kept]
    _upsert([*kept.values(), *_composed(cases.get(pk) or Case.objects.get(pk=pk) for pk in missing)])


def _upsert(rows: Sequence[CaseText]) -> None:
    if len(rows) == 1:
        rows[0].save()
    elif rows:
        CaseText.objects.bulk_create(rows, update_conflicts=True, unique_fields=["case"], update_fields=_COLUMNS)
