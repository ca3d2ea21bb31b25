"""The words that search reads stay in step with everything that is written on a case."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.events import CaseCorrected
from case_management.domain.words import LONGEST_WORD, words_of
from case_management.filters.search import search
from case_management.models import Case, CaseText
from case_management.testing import make_case
from case_management.timeline import texts
from case_management.timeline.recorder import Entry, record

pytestmark = pytest.mark.django_db
BY = Actor.system("test")
NOTE = "Called the customer about the Zürich invoice"


@pytest.fixture
def contact(db):
    return models.Contact.objects.create(name="Grace Okafor")


@pytest.fixture
def answer(db, contact):
    """A survey answer that no case knows yet."""
    source = models.Source.objects.create(name="Mail")
    return models.Interaction.objects.create(
        source=source, external_id="1", contact=contact, comment="The Pillow is gone",
        occurred_at=timezone.now(), available_at=timezone.now(),
    )  # fmt: skip


def kept(case):
    row = CaseText.objects.get(case=case)
    return row.head, row.body, row.said


def assert_in_step():
    """Reading everything anew changes nothing."""
    assert texts.differing(Case.objects.all()) == []


def test_words_lose_case_accents_and_punctuation_but_not_scripts():
    assert words_of("Crème BRÛLÉE, Straße; naïve—ﬁne №5") == ["creme", "brulee", "strasse", "naive", "fine", "no5"]
    assert words_of("ЁЖИК 東京 नमस्ते") == ["ежик", "東京", "नमसते"]
    assert words_of("a\x00b_c\ud800d") == ["a", "b", "c", "d"]
    assert words_of("x" * 200) == ["x" * LONGEST_WORD]


def test_a_new_case_has_the_words_of_its_title_customer_description_and_first_answer(contact, answer):
    case = make_case(title="Cold café!", description="No heating", contact=contact, interaction=answer)
    assert kept(case) == ("cold cafe | grace okafor", "no heating", "the pillow is gone")
    assert_in_step()


def test_what_the_customer_said_first_is_not_kept_twice(answer):
    assert kept(make_case(description=answer.comment, interaction=answer)) == ("a case |", "the pillow is gone", "")
    assert_in_step()


def test_notes_and_later_answers_are_added_in_their_order(answer):
    case = make_case()
    operations.add_note(case, text=NOTE, by=BY)
    operations.attach_interaction(case, interaction=answer, by=BY)
    assert kept(case)[2] == "called the customer about the zurich invoice the pillow is gone"
    assert_in_step()


def test_a_correction_renews_the_words_and_keeps_what_was_said(contact, answer):
    case = make_case(description=answer.comment, interaction=answer)
    operations.add_note(case, text=NOTE, by=BY)
    case.title, case.description, case.contact = "Lost pillow", "Written down wrongly", contact
    record([Entry(case, [CaseCorrected(details=("contact", "description", "title"))], BY)])
    case.save(update_fields=["title", "description", "contact"])
    head, body, said = kept(case)
    assert (head, body) == ("lost pillow | grace okafor", "written down wrongly")
    assert "the pillow is gone" in said and "zurich" in said
    assert_in_step()


def test_a_renamed_contact_renews_its_cases(contact):
    case, other = make_case(contact=contact), make_case()
    contact.name = "Grace Łukasz"
    contact.save()
    assert texts.renew_contacts([contact.pk]) == 1
    assert kept(case)[0] == "a case | grace łukasz"
    assert kept(other)[0] == "a case |"


def test_a_redacted_note_is_forgotten_when_the_case_is_renewed():
    case = make_case()
    operations.add_note(case, text=NOTE, by=BY)
    models.CaseNote.objects.update(text="redacted")
    assert texts.renew([case.pk]) == 1
    assert kept(case)[2] == "redacted"


def test_messages_are_added_by_their_writer():
    case = make_case()
    texts.add_said([(case.pk, "Re: Frühstück"), (case.pk, "Thanks")])
    assert kept(case)[2] == "re fruhstuck thanks"


def test_a_case_without_words_gets_them_with_its_next_note():
    case = make_case(title="Old")
    CaseText.objects.all().delete()
    operations.add_note(case, text=NOTE, by=BY)
    assert kept(case) == ("old |", "", "called the customer about the zurich invoice")


def test_of_very_long_conversations_the_end_is_kept_in_whole_words():
    case = make_case(description="word " * 20_000)
    operations.add_note(case, text="first " + "middle " * 9_000, by=BY)
    operations.add_note(case, text=NOTE, by=BY)
    _head, body, said = kept(case)
    assert len(body) <= texts.MOST_CHARACTERS and len(said) <= texts.MOST_CHARACTERS
    assert said.endswith("zurich invoice") and "first" not in said and set(said.split()[:5]) <= {"middle"}
    assert texts.renew([case.pk]) == 0


def test_many_cases_are_kept_in_step_in_as_many_queries_as_one(contact):
    def queries_for(count):
        cases = [make_case(contact=contact) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            texts.add_said([(case.pk, "more") for case in cases])
            CaseText.objects.filter(case__in=cases[:-1]).update(said="")
            texts.renew([case.pk for case in cases])
        return len(queries)

    assert queries_for(60) == queries_for(2)
    assert_in_step_but_for_messages()


def assert_in_step_but_for_messages():
    """The texts that were added have no rows of their own here."""
    assert {row.said for row in CaseText.objects.all()} == {""}


def test_the_command_finds_what_differs_and_repairs_it_chunk_by_chunk(settings, capsys):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 2}
    cases = [make_case(title=f"Case {number}") for number in range(5)]
    CaseText.objects.filter(case__in=cases[:1]).delete()
    CaseText.objects.filter(case=cases[3]).update(body="something else")
    with pytest.raises(SystemExit):
        call_command("case_words")
    assert "5 cases compared, 2 differ, 0 repaired." in capsys.readouterr().out
    call_command("case_words", "--missing", "--repair", "--json")
    assert json.loads(capsys.readouterr().out)["repaired"] == 1
    call_command("case_words", "--repair", "--verbosity=2")
    assert "5 cases compared, 1 differ, 1 repaired." in capsys.readouterr().out
    call_command("case_words")
    assert_in_step()


def test_words_of_the_search_follow_an_update_and_a_deletion_of_their_row():
    case = make_case(title="Cold soup")
    assert search(Case.objects.all(), "cold").exists()
    CaseText.objects.filter(case=case).update(head="warm soup")
    assert not search(Case.objects.all(), "cold").exists()
    assert search(Case.objects.all(), "warm").exists()
    CaseText.objects.all().delete()
    assert not search(Case.objects.all(), "soup").exists()
