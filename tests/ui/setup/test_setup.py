"""Every set-up screen over HTTP in both admins: list, search, add, edit, delete, and the refusals."""

from __future__ import annotations

import pytest
from django.test import Client

from case_management.ui.setup.screen import Screen
from tests.ui.setup.doors import (
    ENTRIES,
    REFUSED,
    SEARCHED,
    Door,
    client_of,
    created,
    errors_of,
    rows_of,
    sample_for,
    user_with,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("screen", ENTRIES, ids=lambda screen: screen.name)
class TestEveryEntryScreen:
    """List, add, edit, delete and the refusals, alike for all."""

    def test_an_entry_is_added_listed_edited_and_deleted(self, admin: Client, door: Door, screen: Screen) -> None:
        sample = sample_for(screen)
        assert admin.get(door.url(screen, "add")).status_code == 200
        entry = created(admin, door, screen, sample.new)
        listed = admin.get(door.url(screen, "list"))
        assert listed.status_code == 200
        assert rows_of(admin.get(door.url(screen, "list"), {"q": SEARCHED.get(screen.name, "First entry")})) == [entry]
        assert rows_of(admin.get(door.url(screen, "list"), {"q": "no such words"})) == []
        first = screen.columns[0]
        title = getattr(entry, first) if isinstance(first, str) else first.value(entry)
        assert str(title) in listed.content.decode()
        assert str(screen.help_text).split("'")[0] in listed.content.decode()

        page = admin.get(door.url(screen, "change", entry.pk))
        assert page.status_code == 200
        response = admin.post(door.url(screen, "change", entry.pk), {**sample.new, **sample.change})
        assert response.status_code == 302, errors_of(response)
        entry = screen.model._base_manager.get(pk=entry.pk)
        for name, value in sample.change.items():
            assert getattr(entry, f"{name}_id" if name == "unit" else name) == value

        assert admin.get(door.url(screen, "delete", entry.pk)).status_code == 200
        assert admin.post(door.url(screen, "delete", entry.pk), {"post": "yes"}).status_code == 302
        assert not screen.model._base_manager.filter(pk=entry.pk).exists()

    def test_only_those_with_the_right_read_and_nobody_writes_without_it(
        self, door: Door, admin: Client, screen: Screen
    ) -> None:
        sample = sample_for(screen)
        entry = created(admin, door, screen, sample.new)
        reader, nobody = client_of(user_with(f"view_{screen.name}")), client_of(user_with())
        assert reader.get(door.url(screen, "list")).status_code == 200
        assert nobody.get(door.url(screen, "list")).status_code in REFUSED
        assert entry in rows_of(reader.get(door.url(screen, "list")))
        assert reader.get(door.url(screen, "read", entry.pk)).status_code == 200
        before = screen.model._base_manager.count()
        data = {**sample.new, **sample.change, "post": "yes", "deactivate": "1"}
        for client in (reader, nobody):
            for page, args in (("add", ()), ("change", (entry.pk,)), ("delete", (entry.pk,))):
                assert client.post(door.url(screen, page, *args), data).status_code in REFUSED
        assert screen.model._base_manager.count() == before
        kept = screen.model._base_manager.get(pk=entry.pk)
        assert all(getattr(kept, f.attname) == getattr(entry, f.attname) for f in entry._meta.concrete_fields)
