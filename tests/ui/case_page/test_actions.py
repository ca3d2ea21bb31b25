"""Which actions the page offers to whom."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from case_management.access import may, rights_on
from case_management.domain.actor import Actor
from case_management.models import (
    Case,
    CaseFlag,
)
from case_management.operations import (
    Resolution,
    assign_case,
    resolve_case,
    wait_case,
)
from case_management.testing import make_case
from tests.ui.case_page.reading import NOTE, ours

pytestmark = pytest.mark.django_db


WHILE_OPEN = {
    "note", "reply", "forward", "resolve", "take", "assign", "edit", "tag", "snooze", "reroute", "escalate", "flag",
    "flag-for-me", "merge", "split", "link", "watch", "watcher",
}  # fmt: skip
OFFERED = {
    "new": {*WHILE_OPEN, "wait"},
    "waiting": {*WHILE_OPEN, "resume"},
    "resolved": {
        "note", "reply", "forward", "reopen", "close", "tag", "flag", "flag-for-me", "split", "link",
        "watch", "watcher",
    },
}  # fmt: skip


def forms_on(page: str) -> set[str]:
    """Last words of the addresses that the page's forms are sent to; those that come when they are opened too."""
    found = re.findall(r'<form[^>]* action="[^"]*/([\w-]+)/"|data-cm-load="([\w-]+)"', page)
    return {word for words in found for word in words if word}


@pytest.mark.parametrize("status", list(OFFERED))
def test_the_page_offers_what_the_table_allows(status: str, look: Any, case: Case, company: SimpleNamespace) -> None:
    ann = Actor.from_user(company.ann)
    if status == "waiting":
        wait_case(case, waiting_for="customer", by=ann)
    if status == "resolved":
        resolve_case(case, Resolution(company.solved, NOTE), by=ann)
    assert forms_on(ours(look(case))) == OFFERED[status]


def test_whoever_may_only_look_is_offered_only_their_own_flag_and_to_watch(
    look: Any, case: Case, company: SimpleNamespace
) -> None:
    assert forms_on(ours(look(case, by=company.vera))) == {"flag-for-me", "watch"}


def test_all_rights_at_once_are_the_rights_one_by_one(case: Case, company: SimpleNamespace) -> None:
    cases = [case, make_case(unit=company.south, priority=company.normal), make_case(priority=company.normal)]
    company.team.members.add(company.ben)
    cases.append(make_case(unit=company.south, team=company.team, priority=company.normal))
    assign_case(cases[0], to=company.vera, by=Actor.system("test"))
    permissions = [permission for permission, _label in Case._meta.permissions] + ["view_case", "change_case"]
    for user in (company.ann, company.ben, company.vera):
        for one in cases:
            single = {permission for permission in permissions if may(user, permission, one)}
            assert rights_on(user, one) & set(permissions) == single


def test_a_flag_of_ones_own_is_seen_by_nobody_else(
    look: Any, case: Case, case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    address = case_door.url("case_act", case.reference, "flag-for-me")
    for _twice in range(2):
        signed_in(company.ann).post(address, {"version": case.version, "up": "True"})
    assert CaseFlag.objects.filter(case=case, user=company.ann).count() == 1
    assert "My flag" in ours(look(case))
    assert "My flag" not in ours(look(case, by=company.ben))


@pytest.mark.parametrize("slug", ["edit", "assign", "reroute"])
def test_a_form_with_long_lists_comes_when_it_is_asked_for(
    slug: str, look: Any, case: Case, company: SimpleNamespace
) -> None:
    def form_of(response: Any) -> bool:
        return f'action="{response.wsgi_request.path}{slug}/' in response.content.decode()

    assert not form_of(look(case))
    assert form_of(look(case, do=slug))
    alone = look(case, do=slug, part="panel")
    assert form_of(alone)
    assert "<html" not in alone.content.decode()
    assert look(case, do=slug, part="panel", by=company.vera).status_code == 404


def test_the_tabs_stand_in_their_order_and_the_address_says_which_is_open(look: Any, case: Case) -> None:
    panels = look(case).context["panels"]
    slugs = [form.slug for form in panels.tabs]
    assert [slug for slug in slugs if slug in ("note", "resolve", "edit")] == ["note", "resolve", "edit"]
    assert (panels.open_slug, panels.open_more) == ("note", "")
    assert look(case, do="resolve").context["panels"].open_slug == "resolve"
    assert look(case, do="assign").context["panels"].open_more == "assign"
    assert look(case, do="nonsense").context["panels"].open_slug == "note"


def test_whoever_has_the_case_or_may_not_work_it_is_not_offered_to_take_it(
    look: Any, case: Case, company: SimpleNamespace
) -> None:
    assign_case(case, to=company.ann, by=Actor.system("test"))
    assert "take" not in forms_on(ours(look(case)))
    assert "take" in forms_on(ours(look(case, by=company.ben)))
    assert "take" not in forms_on(ours(look(case, by=company.vera)))
