"""The check compares attachments with the files of the storage, both ways."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.jobs import health, kept_files
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    """An empty one."""
    there = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "case_management_transfers": there}
    return tmp_path


@pytest.fixture
def kept():
    """Three files."""
    case, by = make_case(by=Actor.system("test")), Actor.from_user(make_user("agent", role="Case manager"))
    return [
        operations.keep_file(case, name=f"{n}.txt", content=ContentFile(b"x"), right="reply_case", by=by)
        for n in range(3)
    ]


def problems(**how):
    return [each for each in health.report(**how)["problems"] if each.startswith("files")]


def old(path):
    """As if it were from long ago."""
    os.utime(path, (1, 1))


def test_files_that_are_where_they_should_be_are_no_problem(kept):
    assert health.report()["files"] == {"checked": 3, "missing": 0, "strays": 0, "first": []}
    assert problems() == problems(full=True) == []


def test_without_any_file_there_is_no_problem():
    assert problems() == problems(full=True) == []


def test_a_lost_file_is_named(kept, storage):
    (storage / kept[1].file.name).unlink()
    assert problems() == ["files: 1 attachments lack their file"]
    assert health.report()["files"]["first"] == [kept[1].file.name]


def test_a_file_without_a_row_is_named_once_it_is_old(kept, storage):
    stray = Path(kept[2].file.name)
    models.Attachment.objects.filter(pk=kept[2].pk).delete()
    assert problems() == [], "its row may still come"
    old(storage / stray)
    old(storage / kept[0].file.name)
    assert problems() == ["files: 1 files belong to no attachment"]
    assert health.report()["files"]["first"] == [str(stray)]


def test_what_is_long_ago_is_looked_through_in_full_alone(kept, storage, monkeypatch):
    monkeypatch.setattr(kept_files, "RECENT", 1)
    (storage / kept[0].file.name).unlink()
    ancient = storage / "attachments" / "2001" / "02" / "left"
    ancient.parent.mkdir(parents=True)
    ancient.touch()
    for month in ("2001/03", "2001/04"):
        (storage / "attachments" / month).mkdir()
    old(ancient)
    assert problems() == []
    assert problems(full=True) == [
        "files: 1 attachments lack their file", "files: 1 files belong to no attachment",
    ]  # fmt: skip


def test_a_storage_that_cannot_list_or_does_not_answer_is_said_so(kept, monkeypatch):
    def nothing(self, path):
        raise NotImplementedError

    def away(self, name):
        raise TimeoutError

    monkeypatch.setattr(FileSystemStorage, "listdir", nothing)
    assert health.report()["files"]["strays"] is None
    assert problems() == []
    monkeypatch.setattr(FileSystemStorage, "exists", away)
    assert problems() == ["files: the storage does not answer (TimeoutError)"]
