"""From a filtered list through its cases and back to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils.html import escape

from case_management.models import (
    Case,
)
from case_management.testing import make_case

pytestmark = pytest.mark.django_db


class TestTheWayThroughTheList:
    """From a filtered list through its cases and back to it."""

    @pytest.fixture
    def listed(self, case: Case, company: SimpleNamespace) -> list[Case]:
        """The company's case between a more and a less pressing one; a fourth one is not in the list."""
        first = make_case(topic=company.seat, priority=company.urgent, unit=company.harbour, title="Most pressing")
        last = make_case(topic=company.seat, priority=company.low, unit=company.harbour, title="Least pressing")
        make_case(topic=company.food, priority=company.urgent, unit=company.harbour)
        return [first, case, last]

    QUERY = "sort=priority&topic=seat"

    def test_leads_to_the_neighbours_and_back(self, listed: list[Case], look: Any, case_door: Any) -> None:
        page = look(listed[1], list=self.QUERY).content.decode()
        for rel, case in (("prev", listed[0]), ("next", listed[2])):
            address = f"{case_door.url('case', case.reference)}?{urlencode({'list': self.QUERY})}"
            assert f'rel="{rel}" href="{escape(address)}"' in page
        assert f'href="{case_door.url("list")}?{escape(self.QUERY)}"' in page

    def test_ends_at_the_ends_and_is_not_there_without_a_list(self, listed: list[Case], look: Any) -> None:
        assert 'rel="prev"' not in look(listed[0], list=self.QUERY).content.decode()
        assert 'rel="next"' not in look(listed[2], list=self.QUERY).content.decode()
        page = look(listed[1]).content.decode()
        assert not any(word in page for word in ('rel="prev"', 'rel="next"', 'data-cm-shortcut="b"'))

    def test_goes_on_with_the_first_when_the_case_has_left_the_list(
        self, listed: list[Case], look: Any, case_door: Any, company: SimpleNamespace, signed_in: Any
    ) -> None:
        case, way = listed[1], urlencode({"list": "sort=priority&status=open&topic=seat"})
        answer = {"version": case.version, "closure_reason": company.solved.pk, "note": "Apologised, all is well."}
        url = f"{case_door.url('case_act', case.reference, 'resolve')}?{way}"
        done = signed_in(company.ann).post(url, {**answer, "method": company.apology.pk, "channel": company.by_mail.pk})
        assert done.url == f"{case_door.url('case', listed[2].reference)}?{way}", "the one that came after it"
        page = signed_in(company.ann).get(f"{case_door.url('case', case.reference)}?{way}").content.decode()
        assert f'rel="next" href="{escape(case_door.url("case", listed[0].reference) + "?" + way)}"' in page
        assert 'rel="prev"' not in page
