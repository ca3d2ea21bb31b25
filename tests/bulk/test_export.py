"""Ticked cases, however many, and all that match go into a file; nothing that the person may not export then or now."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import get_user_model

from case_management import models, operations
from case_management.bulk.selection import Selection
from case_management.bulk.start import choose_for_export, no_undo
from case_management.domain.actor import Actor
from case_management.exceptions import RightMissing, ValueUnknown
from case_management.jobs.transfers import run_transfers
from case_management.models.due import DueState
from case_management.resources.chosen_cases import query_of
from case_management.resources.export_jobs import download_key, require_download, start_export
from case_management.testing import make_case
from tests.bulk.test_pages import chosen

pytestmark = pytest.mark.django_db


def written(job) -> set[str]:
    """References in the file, once a worker has been there."""
    run_transfers()
    job.refresh_from_db()
    assert job.state == DueState.DONE, job.last_error
    with job.file.open("rb") as file:
        return {row["reference"] for row in json.load(file)}


def move_away(company, case) -> None:
    """To where Ann sees nothing."""
    chief = get_user_model().objects.create_superuser("chief")
    operations.reroute_case(case, unit=company.south, team=None, by=Actor.from_user(chief))


def ask(client, door, cases, **more):
    answer = client.post(door.url("bulk"), chosen(cases, "export", format="json", **more))
    assert answer.status_code == 302, answer.content.decode()
    return models.ExportJob.objects.latest("pk")


def test_five_hundred_ticked_cases_are_exported(case_door, company, signed_in):
    many = [make_case(topic=company.seat, priority=company.normal, unit=company.harbour) for _each in range(501)]
    job = ask(signed_in(company.ann), case_door, many[:500])
    assert written(job) == {case.reference for case in many[:500]}
    page = signed_in(company.ann).get(case_door.url("changes")).content.decode()
    assert "None yet" in page


def test_all_that_match_are_exported_as_they_are_when_the_worker_comes(case_door, company, cases, signed_in):
    data = {"action": "export", "scope": "all", "query": "status=new&sort=oldest", "format": "json"}
    assert signed_in(company.ann).post(case_door.url("bulk"), data).status_code == 302
    late = make_case(topic=company.seat, priority=company.normal, unit=company.harbour)
    assert written(models.ExportJob.objects.get()) == {case.reference for case in [*cases, late]}


def test_a_filter_too_long_to_be_kept_is_exported_as_the_cases_that_it_chose(case_door, company, cases, signed_in):
    words = "&".join(["q=seat", *(f"case={case.reference}" for case in cases[:2] * 40)])
    data = {"action": "export", "scope": "all", "query": words, "format": "json"}
    assert signed_in(company.ann).post(case_door.url("bulk"), data).status_code == 302
    assert written(models.ExportJob.objects.get()) == {case.reference for case in cases[:2]}


def test_no_foreign_case_is_exported_and_none_that_went_out_of_reach_before_the_worker_came(
    case_door, company, cases, elsewhere, signed_in
):
    job = ask(signed_in(company.ann), case_door, [*cases, elsewhere])
    move_away(company, cases[0])
    assert written(job) == {case.reference for case in cases[1:]}
    (kept,) = models.ChangeSet.objects.all()
    assert (kept.total, kept.done, kept.refused) == (6, 5, 1)


def test_who_lost_the_right_between_asking_and_running_gets_no_file(case_door, company, cases, signed_in):
    job = ask(signed_in(company.ann), case_door, cases)
    models.Membership.objects.filter(user=company.ann).delete()
    run_transfers()
    job.refresh_from_db()
    assert (job.state, bool(job.file)) == (DueState.DEAD, False)


def test_a_file_is_not_handed_out_once_a_case_in_it_is_out_of_reach(case_door, company, cases, signed_in):
    ann = signed_in(company.ann)
    job = ask(ann, case_door, cases)
    written(job)
    address = f"{case_door.url('export_download', job.pk)}?key={download_key(job)}"
    assert ann.get(address).status_code == 200
    move_away(company, cases[0])
    assert ann.get(address).status_code == 403
    with pytest.raises(RightMissing):
        require_download(job, company.ann, download_key(job))


def test_a_choice_serves_its_maker_alone_and_is_no_change_to_take_back(company, cases):
    kept = choose_for_export(Selection(company.ann, references=(cases[0].reference,)))
    with pytest.raises(ValueUnknown):
        start_export(company.ben, format="csv", query=query_of(kept))
    assert "no case" in no_undo(kept, kept.finished_at)
