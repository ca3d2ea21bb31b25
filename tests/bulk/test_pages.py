"""The pages of wide changes, in both admins: choose, preview, confirm, receipt, undo."""

from __future__ import annotations

import re

import pytest

from case_management import models

pytestmark = pytest.mark.django_db


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found.group(1) if found else ""


def chosen(cases, action: str, **more):
    return {"action": action, "scope": "chosen", "query": "", "case": [case.reference for case in cases], **more}


def preview_and_confirm(client, url, data):
    """Post for the preview, then confirm what it shows."""
    page = client.post(url, {**data, "preview": "1"})
    text = page.content.decode()
    assert page.status_code == 200, text
    marks = {name: hidden(text, name) for name in ("seen", "token", "expected")}
    return client.post(url, {**data, **marks, "confirm": "1"})


def test_ticked_cases_are_resolved_with_one_reason_and_the_receipt_says_so_and_takes_it_back(
    case_door, company, cases, signed_in
):
    ann = signed_in(company.ann)
    url = case_door.url("bulk")
    page = ann.get(url, chosen(cases[:3], "resolve"))
    assert page.status_code == 200
    assert "3 cases" in page.content.decode()
    data = chosen(cases[:3], "resolve", closure_reason=company.solved.pk, note="Seats were repaired.")
    answer = preview_and_confirm(ann, url, data)
    change = models.ChangeSet.objects.get()
    assert answer.url == case_door.url("change", change.pk)
    assert (change.total, change.done, change.refused, change.state) == (3, 3, 0, "done")
    assert models.Case.objects.filter(status="resolved").count() == 3
    receipt = ann.get(answer.url).content.decode()
    assert all(case.reference in receipt for case in cases[:3])
    back = ann.post(answer.url)
    undo = models.ChangeSet.objects.get(undoes=change)
    assert back.url == case_door.url("change", undo.pk)
    assert (undo.done, undo.refused) == (3, 0)
    assert models.Case.objects.filter(status="new").count() == 6
    assert "taken back" in ann.get(answer.url).content.decode()
    assert ann.get(case_door.url("changes")).status_code == 200
    csv = b"".join(ann.get(case_door.url("change_receipt", change.pk)).streaming_content).decode()
    assert cases[0].reference in csv


def test_a_confirmation_that_is_sent_twice_starts_one_change(case_door, company, cases, signed_in):
    ann, url = signed_in(company.ann), case_door.url("bulk")
    text = ann.get(url, chosen(cases, "flag")).content.decode()
    marks = {name: hidden(text, name) for name in ("seen", "token", "expected")}
    data = {**chosen(cases, "flag"), **marks, "confirm": "1"}
    assert ann.post(url, data).url == ann.post(url, data).url
    assert models.ChangeSet.objects.count() == 1


def test_references_of_others_are_left_out_and_counted_and_a_receipt_is_its_makers_own(
    case_door, company, cases, elsewhere, signed_in
):
    ann, url = signed_in(company.ann), case_door.url("bulk")
    page = ann.get(url, chosen([cases[0], elsewhere], "flag")).content.decode()
    assert "1 chosen reference is left out" in page
    assert elsewhere.title not in page
    answer = preview_and_confirm(ann, url, chosen([cases[0], elsewhere], "flag"))
    assert list(models.ChangeSetRow.objects.values_list("case", flat=True)) == [cases[0].pk]
    assert signed_in(company.ben).get(answer.url).status_code == 404
    assert signed_in(company.vera).get(url, chosen(cases, "flag")).status_code == 404
