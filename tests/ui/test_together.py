"""Several people at one case, over HTTP in both admins: presence, news, the guard, drafts, and the way onward."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management.domain.actor import Actor
from case_management.jobs.sweep import run_sweep
from case_management.models import Case, Draft, Interaction, Preferences, Presence
from case_management.operations import add_note, assign_case, change_priority, snooze_case
from case_management.operations.attach_interaction import attach_interaction
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db

NOTE = "Called the guest, no answer."


@pytest.fixture
def beat(case_door: Any, case: Case, signed_in: Any) -> Any:
    """One heartbeat of somebody's browser."""

    def post(who: Any, **data: Any) -> Any:
        return signed_in(who).post(case_door.url("case_pulse", case.reference), data)

    return post


@pytest.fixture
def keep(case_door: Any, case: Case, signed_in: Any) -> Any:
    """One draft as a browser sends it."""

    def post(who: Any, content: Any, form: str = "note") -> Any:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        address = f"{case_door.url('case_draft', case.reference)}?form={form}"
        return signed_in(who).post(address, body, content_type="application/json")

    return post


@pytest.fixture
def page_of(case_door: Any, case: Case, signed_in: Any) -> Any:
    """The case page as somebody sees it."""

    def get(who: Any) -> str:
        text: str = signed_in(who).get(case_door.url("case", case.reference)).content.decode()
        return text

    return get


@pytest.fixture
def resolve(case_door: Any, case: Case, company: SimpleNamespace, signed_in: Any) -> Any:
    """Send the form that resolves the case, as Ann."""

    def post(list_query: str = "", **data: Any) -> Any:
        address = case_door.url("case_act", case.reference, "resolve")
        given = {"closure_reason": company.solved.pk, "note": "Apologised, all is well.", **data}
        client = signed_in(company.ann)
        return client.post(f"{address}?{urlencode({'list': list_query})}" if list_query else address, given)

    return post


def customer_writes(case: Case, company: SimpleNamespace, comment: str) -> None:
    said = Interaction.objects.create(
        source=company.survey,
        external_id=comment,
        comment=comment,
        occurred_at=timezone.now(),
        available_at=timezone.now(),
    )
    attach_interaction(Case.objects.get(pk=case.pk), interaction=said, by=Actor.system("intake"))


def people(answer: Any) -> list[str]:
    return [person["words"] for person in answer.json()["people"]]


def test_who_looks_and_who_types_is_told_to_the_others(beat: Any, company: SimpleNamespace, page_of: Any) -> None:
    assert people(beat(company.ann)) == []
    assert people(beat(company.ben, typing="note")) == ["Ann Okafor is looking at this case"]
    assert people(beat(company.ann)) == ["Ben Lind is typing a note"]
    assert "Ben Lind is typing a note" in page_of(company.vera), "also without a script"
    beat(company.ben, typing="<b>")
    assert people(beat(company.ann)) == ["Ben Lind is looking at this case"]


def test_who_is_silent_for_half_a_minute_or_leaves_is_gone_and_swept_away(beat: Any, company: SimpleNamespace) -> None:
    beat(company.ben)
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=31))
    assert people(beat(company.ann)) == []
    Presence.objects.filter(user=company.ben).update(seen_at=timezone.now() - timedelta(hours=1))
    run_sweep()
    assert list(Presence.objects.values_list("user", flat=True)) == [company.ann.pk]
    beat(company.ann, leaving="1")
    assert not Presence.objects.exists()


def test_a_beat_of_others_is_refused_and_writes_nothing(beat: Any, company: SimpleNamespace) -> None:
    assert beat(make_user("stranger", role="Case manager", unit=company.south)).status_code == 404
    assert not Presence.objects.exists()


def test_a_beat_costs_few_queries(beat: Any, company: SimpleNamespace, case: Case) -> None:
    for each in (company.ann, company.ben, company.vera):
        beat(each)
    seen = Case.objects.get(pk=case.pk).version
    with CaptureQueriesContext(connection) as queries:
        beat(company.ann, seen=seen)
    ours = [
        query for query in queries if "case_management_" in query["sql"] and "auth_user_user_perm" not in query["sql"]
    ]
    # Besides the session, the user and what the admin asks of everybody.
    assert len(ours) <= 4, [query["sql"][:90] for query in ours]


def test_news_is_what_others_said_since_and_is_told_once(beat: Any, company: SimpleNamespace, case: Case) -> None:
    seen = Case.objects.get(pk=case.pk).version
    change_priority(Case.objects.get(pk=case.pk), priority=company.urgent, by=Actor.from_user(company.ben))
    add_note(Case.objects.get(pk=case.pk), text=NOTE, by=Actor.from_user(company.ann))
    answer = beat(company.ann, seen=seen).json()
    assert "news" not in answer, "neither a priority nor one's own note is news"
    customer_writes(case, company, "It broke again!")
    answer = beat(company.ann, seen=seen).json()
    assert answer["news"].startswith("New since you opened this: ")
    assert answer["excerpt"] == "It broke again!"
    assert "news" not in beat(company.ann, seen=answer["upto"]).json()


def test_what_the_customer_wrote_stops_resolving_once_and_stands_beside_the_text(
    resolve: Any, company: SimpleNamespace, case: Case
) -> None:
    seen = Case.objects.get(pk=case.pk).version
    customer_writes(case, company, "It broke <again>!")
    answer = resolve(version=seen, seen=seen)
    page = answer.content.decode()
    assert (answer.status_code, Case.objects.get(pk=case.pk).status) == (409, "new")
    assert "It broke &lt;again&gt;!" in page
    assert "Apologised, all is well." in page
    assert "Resolve anyway" in page
    now = Case.objects.get(pk=case.pk).version
    assert f'name="seen" value="{now}"' in page
    assert f'name="version" value="{now}"' in page
    assert resolve(version=now, seen=now).status_code == 302
    assert Case.objects.get(pk=case.pk).status == "resolved"


def test_a_page_that_does_not_say_what_was_seen_is_held_to_its_version(
    resolve: Any, company: SimpleNamespace, case: Case
) -> None:
    seen = Case.objects.get(pk=case.pk).version
    customer_writes(case, company, "It broke again!")
    assert resolve(version=seen).status_code == 409


def test_a_colleagues_note_or_ones_own_word_does_not_stop(resolve: Any, company: SimpleNamespace, case: Case) -> None:
    add_note(case, text=NOTE, by=Actor.from_user(company.ann))
    seen = Case.objects.get(pk=case.pk).version
    add_note(Case.objects.get(pk=case.pk), text=NOTE, by=Actor.from_user(company.ben))
    assert resolve(version=seen, seen=seen).status_code == 302


def test_a_draft_comes_back_into_its_form_is_ones_own_and_goes_when_it_is_sent(
    keep: Any, page_of: Any, company: SimpleNamespace, case: Case, case_door: Any, signed_in: Any
) -> None:
    seen = str(case.version)
    content = {"text": ["Half a sent<ence"], "version": [seen], "form": ["note"]}
    assert keep(company.ann, content).json() == {"saved": True}
    page = page_of(company.ann)
    assert "Half a sent&lt;ence</textarea>" in page
    assert "Restored: what you typed here" in page
    assert "Half a sent" not in page_of(company.ben)
    note = {"version": seen, "text": NOTE, "form": "note"}
    done = signed_in(company.ann).post(case_door.url("case_act", case.reference, "note"), note)
    assert done.cookies["cm-sent"].value == f"{case.reference}:note"
    assert not Draft.objects.exists()


def test_a_draft_goes_with_what_was_sent_also_where_the_answer_never_arrives(
    keep: Any, company: SimpleNamespace, case: Case, case_door: Any, signed_in: Any, monkeypatch: Any
) -> None:
    def break_off(*_args: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("case_management.ui.case.page.mark_sent", break_off)
    keep(company.ann, {"text": [NOTE]})
    note = {"version": case.version, "text": NOTE, "form": "note"}
    with pytest.raises(BrokenPipeError):
        signed_in(company.ann).post(case_door.url("case_act", case.reference, "note"), note)
    assert case.notes.get().text == NOTE
    assert not Draft.objects.exists()


def test_a_draft_is_replaced_emptied_and_discarded(
    keep: Any, company: SimpleNamespace, case: Case, case_door: Any, signed_in: Any
) -> None:
    for text in ("One", "Two"):
        keep(company.ann, {"text": [text]})
    assert [draft.content for draft in Draft.objects.all()] == [{"text": ["Two"]}]
    keep(company.ann, {})
    assert not Draft.objects.exists()
    keep(company.ann, {"text": ["Three"]})
    address = f"{case_door.url('case_draft', case.reference)}?form=note"
    signed_in(company.ben).post(address)
    assert Draft.objects.exists(), "nobody discards another person's draft"
    assert signed_in(company.ann).post(address).status_code == 302
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        ([], 400),
        ({"text": "no list"}, 400),
        ({"text": [1]}, 400),
        ({"text": ["\x00"]}, 400),
        ({str(number): ["x"] for number in range(201)}, 400),
        ({"text": ["x" * 65536]}, 413),
    ],
)
def test_what_is_no_draft_is_refused(keep: Any, company: SimpleNamespace, content: Any, status: int) -> None:
    assert keep(company.ann, content).status_code == status
    assert not Draft.objects.exists()


def test_a_draft_is_of_a_form_that_there_is_and_old_ones_are_swept_away(keep: Any, company: SimpleNamespace) -> None:
    assert keep(company.ann, {"text": ["x"]}, form="nonsense").status_code == 404
    keep(company.ann, {"text": ["x"]})
    Draft.objects.update(saved_at=timezone.now() - timedelta(days=31))
    run_sweep()
    assert not Draft.objects.exists()


def test_a_draft_keeps_what_its_writer_had_seen(
    keep: Any, page_of: Any, company: SimpleNamespace, case: Case, case_door: Any
) -> None:
    """What the customer wrote while it lay there stops it, although the page is new."""
    seen = Case.objects.get(pk=case.pk).version
    keep(company.ann, {"note": ["All is well again."], "version": [str(seen)], "seen": [str(seen)]}, form="resolve")
    customer_writes(case, company, "It broke again!")
    page = page_of(company.ann)
    assert f'name="seen" value="{seen}" id="cm-resolve-seen"' in page


class TestTheWayOnward:
    """After a case is resolved, and to what nobody has taken."""

    @pytest.fixture
    def mine(self, company: SimpleNamespace) -> list[Case]:
        """Two cases of Ann's, the more urgent one asleep, and one that is less urgent."""
        found = [
            make_case(priority=rank, unit=company.harbour) for rank in (company.urgent, company.normal, company.low)
        ]
        for each in found:
            assign_case(each, to=company.ann, by=Actor.from_user(company.ann))
        snooze_case(found[0], until=timezone.now() + timedelta(days=1), by=Actor.from_user(company.ann))
        return found

    def test_without_a_list_the_most_urgent_of_ones_own_comes(self, mine: Any, resolve: Any, case: Case) -> None:
        answer = resolve(version=case.version)
        assert answer.url.endswith(f"/{mine[1].reference}/")

    @pytest.mark.parametrize(("wish", "ending"), [("stay", "{case}/"), ("list", "?status=open")])
    def test_whoever_wishes_stays_or_goes_to_the_list(
        self, wish: str, ending: str, mine: Any, resolve: Any, case: Case, company: SimpleNamespace
    ) -> None:
        Preferences.objects.create(user=company.ann, after_resolve=wish)
        answer = resolve("status=open", version=case.version)
        assert ending.format(case=case.reference) in answer.url

    def test_the_next_that_nobody_has_goes_through_all_of_them_and_round(
        self, mine: Any, case: Case, company: SimpleNamespace, case_door: Any, signed_in: Any
    ) -> None:
        free = [make_case(priority=rank, unit=company.harbour) for rank in (company.urgent, company.low)]
        make_case(priority=company.urgent, unit=company.south)
        browser, expected = signed_in(company.ann), [free[0], case, free[1], free[0]]
        expected.sort(key=lambda each: (each.urgent_at, each.priority_rank, each.pk))
        first = expected[0].reference
        found, here = [], ""
        for _step in range(4):
            url = browser.get(f"{case_door.url('next')}?after={here}").url
            here = url.rstrip("/").rpartition("/")[2]
            found.append(here)
        assert len(set(found)) == 3
        assert found[0] == found[3] == first

    def test_where_all_are_taken_the_list_comes(self, company: SimpleNamespace, case_door: Any, signed_in: Any) -> None:
        assert signed_in(company.ann).get(case_door.url("next")).url == case_door.url("list")

    def test_how_far_one_is_in_the_list_is_told(
        self, mine: Any, case: Case, company: SimpleNamespace, case_door: Any, signed_in: Any
    ) -> None:
        query = urlencode({"list": "status=open"})
        page = signed_in(company.ann).get(f"{case_door.url('case', case.reference)}?{query}").content.decode()
        assert any(f"{place} of 4" in page for place in (1, 2, 3, 4))


def test_the_palette_finds_cases_views_and_pages_that_the_reader_may_open(
    company: SimpleNamespace, case: Case, case_door: Any, signed_in: Any
) -> None:
    hidden = make_case(title="Seat stolen", unit=company.south)

    def items(who: Any, text: str) -> list[str]:
        return [item["url"] for item in signed_in(who).get(case_door.url("palette"), {"q": text}).json()["items"]]

    assert items(company.ann, case.reference) == [case_door.url("case", case.reference)]
    assert case_door.url("case", case.reference) in items(company.ann, "seat broken")
    assert items(company.ann, hidden.reference) == []
    assert case_door.url("exports") in items(company.ann, "")
    assert case_door.url("exports") not in items(company.vera, "")


def test_keys_are_off_for_whoever_switched_them_off(company: SimpleNamespace, page_of: Any) -> None:
    assert 'data-cm-keys="on"' in page_of(company.ann)
    Preferences.objects.create(user=company.ann, uses_shortcuts=False)
    page = page_of(company.ann)
    assert 'data-cm-keys="off"' in page
    assert 'id="cm-keys"' not in page
