"""What a line of text finds, in which order, and where it is marked."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.words import words_of
from case_management.filters.search import Wanted, find, highlights, hits, marked, matching, meant, search
from case_management.filters.search.wanted import is_found
from case_management.models import Case, CaseText
from case_management.testing import make_case

pytestmark = pytest.mark.django_db
BY = Actor.system("test")
#: Scripts, accents, digits, syntax of both databases, and what parsers have opinions on.
ALPHABET = "abeAEßéÀ01 .:*&|!()<->'\"\\%_/@ жИ東क्षीİﬁ+~^{}#;,\x00\n"
LINES = st.text(ALPHABET, max_size=24)


def titles(text):
    return set(search(Case.objects.all(), text).values_list("title", flat=True))


def truth(text):
    """The same by brute force over the words that are kept."""
    wanted, found = Wanted.of(text), set()
    for row in CaseText.objects.all():
        columns = [row.head.replace("|", " ").split(), row.body.split(), row.said.split()]
        words = all(any(is_found(word, asked) for words in columns for word in words) for asked in wanted.words)
        phrases = all(
            any(f" {' '.join(asked)} " in f" {' '.join(words)} " for words in columns) for asked in wanted.phrases
        )
        if wanted and words and phrases:
            found.add(row.pk)
    return found


def test_all_words_must_be_there_in_any_text_of_the_case_and_beginnings_are_enough():
    contact = models.Contact.objects.create(name="Grace Okafor")
    case = make_case(title="Bathroom dirty", description="Hair in the shower", contact=contact)
    operations.add_note(case, text="Housekeeping was asked about it", by=BY)
    make_case(title="Bathrobe missing")
    assert titles("bath") == {"Bathroom dirty", "Bathrobe missing"}
    assert titles("bath shower okafor housek") == {"Bathroom dirty"}
    assert titles("room") == set()
    assert titles("bath nothing") == set()


def test_case_accents_and_punctuation_do_not_matter():
    make_case(title="Crème brûlée; Straße")
    assert titles("creme BRULEE") == titles("CRÈME-brûlée!") == titles("strasse") == {"Crème brûlée; Straße"}


def test_a_phrase_stands_as_it_is_written_and_in_one_text():
    make_case(title="Cold coffee", description="machine broken")
    make_case(title="Coffee cold")
    assert titles('"cold coffee"') == titles("„cold coffee”") == {"Cold coffee"}
    assert titles('"cold coff"') == titles('"coffee machine"') == set()
    assert titles('"cold coffee') == {"Cold coffee", "Coffee cold"}


def test_one_letter_is_a_word_of_its_own():
    make_case(title="Room B")
    make_case(title="Room Blue")
    assert titles("b") == {"Room B"}
    assert titles("bl") == {"Room Blue"}


def test_what_a_text_names_exactly_goes_before_words():
    contact = models.Contact.objects.create(name="Grace Okafor", external_id="C-77")
    models.ContactPoint.objects.create(contact=contact, kind="email", value="Grace@Example.org")
    hers = make_case(title="Hers", contact=contact, external_id="crm/9")
    make_case(title=f"Mentions C-77, crm/9, grace@example.org and {hers.reference}")
    for text in ("C-77", "crm/9", "GRACE@example.org", hers.reference, hers.reference.lower()):
        assert titles(text) == {"Hers"}, text
        assert find(Case.objects.all(), text).is_named


def test_nothing_asked_finds_everything_and_nothing_but_punctuation_finds_nothing():
    make_case(title="a")
    assert titles("") == titles("   ") == {"a"}
    assert titles("!!! ???") == set()


def test_only_the_given_cases_are_searched():
    mine, other = make_case(title="Cold soup"), make_case(title="Cold fish")
    reader = Case.objects.filter(pk=mine.pk)
    assert list(search(reader, "cold")) == [mine]
    assert not search(reader, other.reference).exists()


@pytest.mark.parametrize("index", ["of the database", "none"])
@given(written=st.lists(st.tuples(LINES, LINES, LINES), min_size=1, max_size=4), asked=LINES)
@example(written=[("1e5", "12ab 1e 0x1F", "a.b@c.de"), ("http://a.b/c?d", "-5 +3.14", "a-b-c")], asked="1e")
@example(written=[("' OR 1=1 --", "a:* & !b", "head : a NEAR(b)")], asked="a:* & !b | (c <-> d)")
@example(written=[("ab", "b", "")], asked='"a b" "b"')
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_finds_what_brute_force_finds_whatever_is_written_and_asked(index, written, asked, monkeypatch):
    if index == "none":
        monkeypatch.setattr(matching, "index_of", lambda using: "")
    write_corpus(written)
    for through_index in (False, True):
        found = matching.with_words(Case.objects.all(), Wanted.of(asked), through_index=through_index)
        assert set(found.values_list("pk", flat=True)) == truth(asked)
    find(Case.objects.all(), asked)


def write_corpus(written):
    """The cases of the test get other words than before."""
    while CaseText.objects.count() < len(written):
        make_case(title="A case")
    rows = list(CaseText.objects.order_by("pk"))
    for row, texts in zip(rows, [*written, *[("", "", "")] * len(rows)], strict=False):
        row.head, row.body, row.said = (" ".join(words_of(text)) for text in texts)
        row.save()


@given(text=st.text(ALPHABET, max_size=60), asked=LINES)
@settings(max_examples=200, deadline=None)
def test_marked_segments_join_to_the_text_and_mark_only_what_was_asked(text, asked):
    wanted = Wanted.of(asked)
    segments = marked(text, wanted)
    assert "".join(segment.text for segment in segments) == text
    for segment in segments:
        assert segment.is_hit == any(wanted.hits(word) for word in words_of(segment.text)) or not segment.is_hit
        assert segment.text


def test_the_best_match_is_the_title_that_says_just_this_then_titles_then_texts():
    said, texted = make_case(title="Other"), make_case(title="Another", description="cold soup")
    operations.add_note(said, text="the customer says that the soup was cold", by=BY)
    titled, exact = make_case(title="Cold soup served at breakfast"), make_case(title="Soup: cold!")
    found = find(Case.objects.all(), "cold soup")
    assert found.is_ranked
    assert found.best_first == [exact.pk, titled.pk, texted.pk, said.pk]


def test_too_many_hits_are_not_ranked_but_all_found(monkeypatch):
    monkeypatch.setattr(hits, "MOST_RANKED", 2)
    for number in range(4):
        make_case(title=f"Cold soup {number}")
    found = find(Case.objects.all(), "cold")
    assert not found.is_ranked and found.best_first is None
    assert found.cases.count() == 4


def test_highlights_show_where_the_words_stand_with_one_query_for_a_page():
    contact = models.Contact.objects.create(name="Soupy Sales")
    noted = make_case(title="Lunch & <b>more</b>", description="Nothing about it.", contact=contact)
    operations.add_note(noted, text="x " * 100 + "It was the SOÜP, <script> cold as ice. " + "y " * 200, by=BY)
    described = make_case(title="Soup", description="The soup was cold.\nVery   cold.")
    silent = make_case(title="Cold soup")
    rows = list(Case.objects.select_related("contact").order_by("pk"))
    with CaptureQueriesContext(connection) as queries:
        found = highlights(rows, "soup cold")
    assert len(queries) == 1
    assert [tuple(each) for each in found[described.pk].title] == [("Soup", True)]
    assert [each.text for each in found[described.pk].snippet if each.is_hit] == ["soup", "cold", "cold"]
    assert [tuple(each) for each in found[noted.pk].customer] == [("Soupy", True), (" Sales", False)]
    snippet = "".join(each.text for each in found[noted.pk].snippet)
    assert snippet.startswith("… x") and snippet.endswith("y …") and "<script>" in snippet and len(snippet) < 170
    assert [each.text for each in found[noted.pk].snippet if each.is_hit] == ["SOÜP", "cold"]
    assert found[silent.pk].snippet == ()
    assert highlights(rows, "") == {} == highlights([], "soup")


def test_a_decomposed_accent_belongs_to_its_word():
    title = normalize("NFD", "Café cold")
    assert [each.text for each in marked(title, Wanted.of("cafe")) if each.is_hit] == [normalize("NFD", "Café")]


def test_a_slip_of_the_pen_is_met_with_another_wording():
    contact = models.Contact.objects.create(name="Grace Okafor")
    case = make_case(title="Breakfast was cold", contact=contact)
    make_case(title="Bread was stale")
    for text in ("brekfast", "braekfast", "breakfasst cold"):
        suggestion = meant(Case.objects.all(), text)
        assert suggestion is not None and suggestion.ids == [case.pk], text
    assert meant(Case.objects.all(), "brekfast cold").text == "breakfast cold"
    assert meant(Case.objects.all(), "okafro").text == "okafor"
    assert meant(Case.objects.none(), "brekfast") is None
    assert meant(Case.objects.all(), "zzzz qqqq") is None
    assert meant(Case.objects.all(), "breakfast") is None


def test_searching_takes_one_query():
    make_case(title="Cold soup")
    with CaptureQueriesContext(connection) as queries:
        assert find(Case.objects.all(), "cold").best_first
    assert len(queries) == 1


def test_without_trigrams_the_check_says_so_and_other_wordings_are_found_by_their_beginning(postgres):
    make_case(title="Breakfast was cold")
    assert not [found for found in run_checks(databases=["default"]) if found.id == "case_management.W005"]
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
    assert [found for found in run_checks(databases=["default"]) if found.id == "case_management.W005"]
    assert meant(Case.objects.all(), "brekfast").text == "breakfast"


def test_the_check_says_that_a_database_reads_every_text(monkeypatch):
    if connection.vendor == "postgresql":
        pytest.skip("skipped: PostgreSQL always has an index of words")
    said = {found.id for found in run_checks(databases=["default"])}
    monkeypatch.setattr(matching, "has_fts5", lambda: False)
    assert {found.id for found in run_checks(databases=["default"])} - said == {"case_management.W006"}


def test_words_of_a_merged_case_find_the_one_in_which_it_goes_on_as_well():
    deep, source, target = (make_case(title=title) for title in ("Deep", "Source", "Target"))
    operations.add_note(deep, text="The zephyr was broken", by=BY)
    operations.merge_case(deep, into=source, by=BY)
    operations.merge_case(source, into=target, by=BY)
    assert titles("zephyr") == {"Deep", "Source", "Target"}
    found = find(Case.objects.all(), "zephyr")
    assert found.best_first == [deep.pk, source.pk, target.pk], "what holds the words goes first"
    operations.unmerge_case(Case.objects.get(pk=source.pk), by=BY)
    assert titles("zephyr") == {"Deep", "Source"}


def test_a_case_that_the_reader_may_not_see_brings_none_along():
    hidden, target = make_case(title="Hidden zephyr"), make_case(title="Target")
    operations.merge_case(hidden, into=target, by=BY)
    assert set(search(Case.objects.exclude(pk=hidden.pk), "zephyr")) == set()
    assert set(search(Case.objects.exclude(pk=target.pk), "zephyr")) == {hidden}


def test_where_nothing_was_merged_looking_takes_one_query():
    make_case(title="Zephyr")
    source, target = make_case(title="Source"), make_case(title="Target")
    operations.add_note(source, text="The mistral was broken", by=BY)
    operations.merge_case(source, into=target, by=BY)
    with CaptureQueriesContext(connection) as one:
        find(Case.objects.all(), "zephyr")
    with CaptureQueriesContext(connection) as two:
        find(Case.objects.all(), "mistral")
    assert (len(one), len(two)) == (1, 2)
