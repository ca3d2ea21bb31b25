"""The page of a contact in either admin: what it shows, what it counts, what it does not tell, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models
from case_management.domain.actor import Actor
from case_management.operations import Resolution, merge_contacts, reopen_case, resolve_case
from case_management.testing import make_case, make_user
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def make_contact(name, *points, **facts):
    contact = models.Contact.objects.create(name=name, **facts)
    for value in points:
        kind = "email" if "@" in value else "phone"
        models.ContactPoint.objects.create(contact=contact, kind=kind, value=value)
    return contact


def said(contact, text, *, source, case=None, unit=None, score=None, at=None):
    """One interaction."""
    number = models.Interaction.objects.count()
    now = timezone.now()
    return models.Interaction.objects.create(
        source=source, external_id=f"said-{number}", contact=contact, case=case, unit=unit, comment=text, score=score,
        occurred_at=at or now, state="done", available_at=now,
    )  # fmt: skip


@pytest.fixture
def known(company):
    """Ada: two cases at Harbour, one of them reopened, one in South; heard of in both."""
    company.ada = make_contact("Ada Byron", "ada@example.org", "+44 20 1234", external_id="C-77", country="GB")
    company.open = make_case(title="Lamp broken", contact=company.ada, unit=company.harbour, topic=company.seat)
    company.done = make_case(title="Cold soup", contact=company.ada, unit=company.harbour, topic=company.food)
    company.south_case = make_case(title="Secret south matter", contact=company.ada, unit=company.south)
    resolve_case(company.done, Resolution(company.solved, "Called the customer."), by=SYSTEM)
    reopen_case(company.done, reason=company.again, note="Still cold, it says.", by=SYSTEM)
    resolve_case(company.done, Resolution(company.solved, "Called the customer."), by=SYSTEM)
    march, april = datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 4, 5, tzinfo=UTC)
    said(company.ada, "It went dark", source=company.survey, case=company.open, score=Decimal(2), at=march)
    said(company.ada, "Better", source=company.survey, unit=company.harbour, score=Decimal(4), at=april)
    said(company.ada, "South words", source=company.survey, unit=company.south, score=Decimal(5), at=april)
    return company


def page(door, browser, contact, query=""):
    answer = browser.get(door.url("contact", contact.pk) + query)
    assert answer.status_code == 200
    return answer


def test_the_page_shows_what_is_known_of_a_contact(case_door, known, signed_in):
    chief = make_user("chief", role="Case manager")
    answer = page(case_door, signed_in(chief), known.ada)
    text = answer.content.decode()
    for words in ("Ada Byron", "ada@example.org", "+44 20 1234", "C-77", "GB", "Lamp broken", "Secret south matter"):
        assert words in text
    for words in ("It went dark", "Better", "South words", "Satisfaction over time", "Add case"):
        assert words in text
    counts = answer.context["counts"]
    assert (counts.open, counts.total, counts.reopened) == (2, 3, 1)
    (chart,) = answer.context["charts"]
    assert [(point.month.month, point.average, point.count) for point in chart.points] == [
        (3, 2, 1),
        (4, Decimal("4.5"), 2),
    ]
    assert chart.top == 5


def test_what_a_reader_may_not_see_is_neither_shown_nor_counted(case_door, known, signed_in):
    browser = signed_in(known.ann)
    answer = page(case_door, browser, known.ada)
    text = answer.content.decode()
    assert "Lamp broken" in text and "Secret south" not in text and "South words" not in text
    assert (answer.context["counts"].total, answer.context["total"]) == (2, 2)
    assert [(point.average, point.count) for point in answer.context["charts"][0].points] == [(2, 1), (4, 1)]
    before = page(case_door, browser, known.ada).content
    make_case(title="One more", contact=known.ada, unit=known.south)
    said(known.ada, "One more", source=known.phone, unit=known.south, score=Decimal(1))
    assert _still(page(case_door, browser, known.ada).content) == _still(before)
    listed = browser.get(case_door.url("contacts"))
    assert [(line.open, line.total) for line in listed.context["lines"]] == [(1, 2)]


def _still(content):
    """Without what differs from request to request: the token, and the running clock's reading."""
    moving = ("csrf", "business clock:")
    return [line for line in content.decode().splitlines() if not any(word in line.lower() for word in moving)]


def test_a_contact_of_a_foreign_branch_does_not_exist(case_door, known, signed_in):
    stranger = make_contact("Stranger", "stranger@example.org")
    make_case(title="South", contact=stranger, unit=known.south)
    browser = signed_in(known.ann)
    for name in ("contact", "contact_said", "contact_correct", "contact_merge"):
        assert browser.get(case_door.url(name, stranger.pk)).status_code == 404, name
    assert browser.get(case_door.url("contact", 10**15)).status_code == 404
    assert "Stranger" not in browser.get(case_door.url("contacts") + "?q=stranger@example.org").content.decode()
    narrowed = browser.get(case_door.url("list") + f"?contact={stranger.pk}")
    assert "Stranger" not in narrowed.content.decode()
    assert narrowed.context["errors"]
    unknown = browser.get(case_door.url("list") + f"?contact={10**15}")
    foreign, absent = narrowed.context["errors"], unknown.context["errors"]
    assert [error.replace(str(stranger.pk), "n") for error in foreign] == [
        error.replace(str(10**15), "n") for error in absent
    ]
    assert signed_in(known.vera).get(case_door.url("contact", known.ada.pk)).status_code in (302, 403)


def test_the_cases_are_narrowed_sorted_and_searched_as_in_the_list(case_door, known, signed_in):
    browser = signed_in(known.ann)

    def titles(query):
        answer = page(case_door, browser, known.ada, query)
        return [row.case.title for group in answer.context["groups"] for row in group.rows]

    assert titles("") == ["Lamp broken", "Cold soup"]
    assert titles("?status=open") == ["Lamp broken"]
    assert titles("?status=done&sort=newest") == ["Cold soup"]
    assert titles("?q=soup") == ["Cold soup"]
    assert titles("?topic=seat") == ["Lamp broken"]
    assert titles(f"?contact={known.ada.pk + 1}") == ["Lamp broken", "Cold soup"]
    assert page(case_door, browser, known.ada, "?nonsense=1").context["errors"]
    row = page(case_door, browser, known.ada, "?status=open").content.decode()
    assert f"?list=contact%3D{known.ada.pk}%26status%3Dopen" in row
    case = browser.get(case_door.url("case", known.open.reference) + f"?list=contact%3D{known.ada.pk}")
    assert case.context["way"].following == known.done.reference
    assert case_door.url("contact", known.ada.pk) in case.content.decode()


def test_the_list_can_be_asked_for_one_customer_and_says_whose_cases_they_are(case_door, known, signed_in):
    make_case(title="Of nobody", unit=known.harbour)
    answer = signed_in(known.ann).get(case_door.url("list") + f"?contact={known.ada.pk}")
    assert answer.context["total"] == 2
    assert [(pill.label, pill.value) for pill in answer.context["pills"]] == [("Customer", "Ada Byron")]


def test_a_contact_is_found_by_name_address_number_or_id_the_nearest_first(case_door, known, signed_in):
    other = make_contact("Adalbert", "second.ada@example.org")
    third = make_contact("Somebody Ada")
    for contact in (other, third):
        make_case(contact=contact, unit=known.harbour)
    browser = signed_in(known.ann)

    def found(text):
        return [line.contact.name for line in browser.get(case_door.url("contacts"), {"q": text}).context["lines"]]

    assert found("ADA@example.org") == ["Ada Byron"]
    assert found("+44 (20) 1234") == ["Ada Byron"]
    assert found("C-77") == ["Ada Byron"]
    assert found("c-7") == ["Ada Byron"]
    assert found("second.") == ["Adalbert"]
    assert found("ada") == ["Ada Byron", "Adalbert", "Somebody Ada"]
    assert found("Adalbert") == ["Adalbert"]
    assert found("nobody at all") == []
    assert found("x\0y") == []


def test_a_merged_contact_leads_to_the_one_that_stands_for_it(case_door, known, signed_in):
    chief = make_user("chief", role="Case manager")
    twin = make_contact("Ada B.", "twin@example.org", external_id="C-78")
    make_case(title="Twin case", contact=twin, unit=known.harbour)
    merge_contacts(twin, into=known.ada, by=Actor.from_user(chief))
    browser = signed_in(known.ann)
    answer = browser.get(case_door.url("contact", twin.pk))
    assert (answer.status_code, answer["Location"]) == (302, case_door.url("contact", known.ada.pk))
    for text in ("twin@example.org", "C-78"):
        lines = browser.get(case_door.url("contacts"), {"q": text}).context["lines"]
        assert [line.contact for line in lines] == [known.ada]
    assert "Twin case" in page(case_door, browser, known.ada).content.decode()
    shown = page(case_door, browser, known.ada).content.decode()
    assert "Undo the merge" not in shown and "C-78" in shown


def test_a_contact_is_corrected_on_its_page_and_a_conflict_is_shown(case_door, known, signed_in):
    browser = signed_in(known.ann)
    url = case_door.url("contact_correct", known.ada.pk)
    seen = browser.get(url).context["form"].initial["seen"]
    sent = {
        "seen": seen,
        "name": "Ada King",
        "emails": "ada@example.org\nking@example.org",
        "phones": "",
        "country": "GB",
    }
    assert browser.post(url, {**sent, "emails": "nonsense"}).status_code == 422
    assert browser.post(url, sent).status_code == 302
    known.ada.refresh_from_db()
    assert known.ada.name == "Ada King"
    late = browser.post(url, {**sent, "name": "Ada Late"})
    assert late.status_code == 409
    assert "Ada King" in late.content.decode() and "Ada Late" in late.content.decode()
    again = late.context["form"]["seen"].value()
    assert browser.post(url, {**sent, "name": "Ada Late", "seen": again}).status_code == 302
    looker = make_viewer("looker", known.north, "view_contact")
    assert signed_in(looker).get(url).status_code in (302, 403)
    assert "Correct details" not in page(case_door, signed_in(looker), known.ada).content.decode()


def test_tags_are_ticked_where_a_contact_is_corrected_and_shown_on_its_page_and_its_cases(case_door, known, signed_in):
    category = models.TagCategory.objects.create(name="Standing")
    gold, gone = (models.Tag.objects.create(name=name, category=category) for name in ("Gold", "Bygone"))
    models.Tag.objects.filter(pk=gone.pk).update(is_active=False)
    browser, url = signed_in(known.ann), case_door.url("contact_correct", known.ada.pk)
    form = browser.get(url)
    assert "Gold" in form.content.decode() and "Bygone" not in form.content.decode()
    sent = {"seen": form.context["form"].initial["seen"], "name": known.ada.name, "tags": [gold.pk]}
    assert browser.post(url, sent).status_code == 302
    label = '<span class="cm-label">Gold</span>'
    assert label in page(case_door, browser, known.ada).content.decode()
    case = known.ada.cases.first()
    assert "Gold" in browser.get(case_door.url("case", case.reference)).content.decode()


def test_two_contacts_are_merged_and_parted_on_their_pages(case_door, known, signed_in):
    chief = make_user("chief", role="Case manager")
    twin = make_contact("Ada Byron", "ada@example.org", "twin@example.org", external_id="C-78")
    case = make_case(title="Twin case", contact=twin, unit=known.south)
    browser, url = signed_in(chief), case_door.url("contact_merge", known.ada.pk)
    assert [line.contact for line in browser.get(url).context["suspects"]] == [twin]
    assert [line.contact for line in browser.get(url, {"q": "twin@example.org"}).context["found"]] == [twin]
    shown = browser.get(url, {"other": twin.pk})
    preview = shown.context["preview"]
    assert (preview.cases, preview.emails, preview.ids) == (1, ["twin@example.org"], ("C-77", "C-78"))
    assert "C-77 and C-78" in shown.content.decode()
    assert browser.get(url, {"other": known.ada.pk}).status_code == 404
    assert browser.get(url, {"other": "x"}).status_code == 404
    assert browser.post(url, {"other": twin.pk}).status_code == 302
    case.refresh_from_db()
    assert case.contact == known.ada
    merge = models.ContactMerge.objects.get()
    other = make_contact("Other")
    assert browser.post(case_door.url("contact_part", other.pk, merge.pk)).status_code == 404
    assert "Undo the merge" in page(case_door, browser, known.ada).content.decode()
    assert browser.post(case_door.url("contact_part", known.ada.pk, merge.pk)).status_code == 302
    case.refresh_from_db()
    assert case.contact == twin


def test_somebody_of_a_branch_may_not_merge_and_learns_nothing(case_door, known, signed_in):
    twin = make_contact("Ada Byron")
    make_case(contact=twin, unit=known.harbour)
    browser, url = signed_in(known.ann), case_door.url("contact_merge", known.ada.pk)
    for answer in (browser.get(url), browser.get(url, {"other": twin.pk}), browser.post(url, {"other": twin.pk})):
        assert answer.status_code in (302, 403)
    assert models.ContactMerge.objects.count() == 0
    assert "Merge with" not in page(case_door, browser, known.ada).content.decode()


def test_a_case_is_added_for_the_contact_whose_page_one_comes_from(case_door, known, signed_in):
    browser = signed_in(known.ann)
    form = browser.get(case_door.url("new"), {"contact": known.ada.pk}).context["form"]
    assert form["contact"].value() == str(known.ada.pk)
    sent = {
        "token": "t", "topic": known.seat.pk, "title": "New lamp", "priority": known.normal.pk,
        "source": known.phone.pk, "unit": known.harbour.pk, "contact": known.ada.pk, "button": "save",
    }  # fmt: skip
    assert browser.post(case_door.url("new"), sent).status_code == 302
    assert models.Case.objects.get(title="New lamp").contact == known.ada
    stranger = make_contact("Stranger")
    make_case(contact=stranger, unit=known.south)
    assert "Stranger" not in browser.get(case_door.url("new"), {"contact": stranger.pk}).content.decode()
    assert browser.post(case_door.url("new"), {**sent, "token": "u", "contact": stranger.pk}).status_code == 422


def test_texts_of_a_customer_are_only_texts(case_door, known, signed_in):
    evil = make_contact("<img src=x onerror=alert(1)>", "a&b@example.org", country="</dd><script>")
    case = make_case(contact=evil, unit=known.harbour)
    said(evil, "<script>alert(2)</script>", source=known.survey, case=case)
    for url in (case_door.url("contact", evil.pk), case_door.url("contacts"), case_door.url("contact_said", evil.pk)):
        text = signed_in(known.ann).get(url).content.decode()
        assert "<img src=x" not in text and "<script>alert" not in text and "</dd><script>" not in text


# ── what it costs ──


def fill(known, count):
    """So many more cases and things said."""
    source = known.survey
    for number in range(count):
        case = make_case(title=f"Case {number}", contact=known.ada, unit=known.harbour, source=source)
        at = timezone.now() - timedelta(days=20 * number)
        said(known.ada, "More", source=source, case=case, score=Decimal(number % 5), at=at)


@pytest.mark.parametrize("who", ["ann", "chief"])
def test_the_pages_ask_the_database_the_same_however_much_there_is(case_door, known, signed_in, who):
    known.chief = make_user("chief", role="Case manager")
    browser = signed_in(getattr(known, who))
    urls = [
        case_door.url("contact", known.ada.pk), case_door.url("contact_said", known.ada.pk), case_door.url("contacts"),
        case_door.url("contacts") + "?q=ada", case_door.url("contact", known.ada.pk) + "?status=open&q=case",
    ]  # fmt: skip
    costs = []
    for more in (3, 60):
        fill(known, more)
        for _warm in range(2):
            counted = []
            for url in urls:
                with CaptureQueriesContext(connection) as queries:
                    assert browser.get(url).status_code == 200
                counted.append(len(queries))
        costs.append(counted)
    assert costs[0] == costs[1]
    assert max(costs[1]) <= 26, costs
    assert costs[1][0] <= 20, costs
