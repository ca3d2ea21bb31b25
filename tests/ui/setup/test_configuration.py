"""The page of the configuration: export, compare, apply, in both admins and only by those who may."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from case_management import models
from case_management.configuration import as_text, export_configuration
from tests.ui.setup.doors import REFUSED, SCREEN, client_of, user_with

pytestmark = pytest.mark.django_db


def file_of(**lists):
    text = json.dumps({"format": "case_management configuration", "format_version": 1, **lists})
    return SimpleUploadedFile("c.json", text.encode(), "application/json")


def test_a_file_is_compared_and_then_applied(admin, case_door):
    models.Priority.objects.create(name="Urgent", rank=1)
    url = case_door.url("configuration", 1)
    sent = {"file": file_of(priorities=[{"key": "urgent", "rank": 3}], case_types=[{"key": "new", "name": "<b>New"}])}
    compared = admin.post(url, sent)
    shown = compared.content.decode()
    assert compared.status_code == 200
    assert "2 entries differ" in shown
    assert "&lt;b&gt;New" in shown
    assert models.Priority.objects.get().rank == 1
    done = admin.post(url, {"text": compared.context["text"], "apply": "1"})
    assert done.status_code == 302
    assert models.Priority.objects.get().rank == 3
    assert models.CaseType.objects.get().key == "new"


def test_what_is_wrong_is_named_and_nothing_can_be_applied(admin, case_door):
    sent = {"file": file_of(tags=[{"key": "x", "name": "X", "category": "none"}])}
    answer = admin.post(case_door.url("configuration", 1), sent)
    assert answer.status_code == 422
    assert "tags › x › category" in answer.content.decode()
    assert 'name="apply"' not in answer.content.decode()
    nothing = admin.post(case_door.url("configuration", 1), {})
    assert nothing.status_code == 422
    assert "Choose a file" in nothing.content.decode()


def test_the_export_is_what_the_command_writes(admin, case_door):
    models.Topic.add_root(name="Seat", key="seat")
    answer = admin.get(case_door.url("configuration_file", 1))
    assert answer.content.decode() == as_text(export_configuration())
    assert "attachment" in answer["Content-Disposition"]


def test_it_takes_the_right_to_change_the_settings_and_the_right_of_each_list(case_door):
    models.Priority.objects.create(name="Urgent", rank=1)
    stranger = client_of(user_with("view_case", "change_priority"))
    assert stranger.get(case_door.url("configuration", 1)).status_code in REFUSED
    assert stranger.get(case_door.url("configuration_file", 1)).status_code in REFUSED
    helper = client_of(user_with("change_settings"))
    answer = helper.post(case_door.url("configuration", 1), {
        "file": file_of(priorities=[{"key": "urgent", "rank": 3}]), "apply": "1",
    })  # fmt: skip
    assert answer.status_code == 422
    assert "change_priority" in answer.content.decode()
    assert models.Priority.objects.get().rank == 1


def test_the_settings_lead_to_it(admin, door, case_door):
    shown = admin.get(door.url(SCREEN["settings"], "change", 1)).content.decode()
    assert case_door.url("configuration", 1) in shown or door.name != case_door.name
