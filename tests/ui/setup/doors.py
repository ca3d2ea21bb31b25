"""How tests walk the set-up screens: the doors, people with single rights, and what to send to each screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from case_management.access.roles import create_roles
from case_management.models import (
    BusinessCalendar,
    Membership,
    SlaPolicy,
    TagCategory,
    Topic,
    Unit,
)  # fmt: skip
from case_management.ui.setup.screen import Screen
from case_management.ui.setup.screens import SCREENS

ENTRIES = [screen for screen in SCREENS if not screen.is_ledger and not screen.is_single]
LEDGER_SCREENS = [screen for screen in SCREENS if screen.is_ledger]


class WagtailDoor:
    """Addresses in the Wagtail admin."""

    name = "wagtail"

    def url(self, screen: Screen, view: str, *args: Any) -> str:
        names = {"list": "index", "change": "edit", "read": "inspect"}
        return reverse(f"case_setup_{screen.name}:{names.get(view, view)}", args=args)


class DjangoDoor:
    """Addresses in Django's admin."""

    name = "django"

    def url(self, screen: Screen, view: str, *args: Any) -> str:
        names = {"list": "changelist", "read": "change"}
        return reverse(f"admin:case_management_{screen.name}_{names.get(view, view)}", args=args)


Door = WagtailDoor | DjangoDoor


#: The doors of the site under test.
DOORS: list[Door] = [*([WagtailDoor()] if apps.is_installed("wagtail.admin") else []), DjangoDoor()]


def user_with(*permissions: str, **facts: Any) -> Any:
    """Somebody who may enter both admins and holds these permissions of the package everywhere."""
    user = get_user_model().objects.create_user(f"user-{get_user_model().objects.count()}", password="x", **facts)
    user.is_staff = True
    user.save()
    group = Group.objects.create(name=f"group of {user}")
    group.permissions.add(*Permission.objects.filter(codename__in=("access_admin", *permissions)))
    Membership.objects.create(user=user, role=group, unit=None)
    return user


def client_of(user: Any) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user)
    return client


@dataclass
class Sample:
    """What one sends to a screen: a new entry, and a change of it with what it should look like then."""

    new: dict[str, Any]
    change: dict[str, Any]


def named_sample(**more: Any) -> Sample:
    new = {"name": "First entry", "position": 3, "is_active": "on", **more}
    return Sample(new, {"name": "Other name"})


def _priority() -> Sample:
    return named_sample(rank=2)


def _tag() -> Sample:
    return named_sample(category=TagCategory.objects.create(name="Cause").pk)


def _membership() -> Sample:
    create_roles()
    user = get_user_model().objects.create_user("agent")
    role = Group.objects.get(name="Customer service agent")
    unit = Unit.add_root(number="100", name="North")
    return Sample({"user": user.pk, "role": role.pk, "is_available": "on"}, {"unit": unit.pk})


def _team() -> Sample:
    return named_sample(members=[get_user_model().objects.create_user("member").pk])


CLOSED_AT_WEEKENDS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")


def _calendar() -> Sample:
    return named_sample(timezone="Europe/Berlin", **CLOSED_AT_WEEKENDS)


def _holiday() -> Sample:
    calendar = BusinessCalendar.objects.create(name="Office")
    new = {"calendar": calendar.pk, "date": "2026-12-25", "name": "Christmas", "hours": ""}
    return Sample(new, {"name": "Christmas Day"})


def _policy() -> Sample:
    calendar = BusinessCalendar.objects.create(name="Office")
    return named_sample(calendar=calendar.pk, minutes=480, reopening="restart")


def _rung() -> Sample:
    calendar = BusinessCalendar.objects.create(name="Office")
    policy = SlaPolicy.objects.create(name="Standard", calendar=calendar)
    return Sample({"policy": policy.pk, "level": 1, "minutes": 60}, {"minutes": 120})


def _rule() -> Sample:
    Topic.add_root(name="Seat", key="seat")
    new = {
        "name": "Unhappy customer", "occasion": "interaction_received", "cadence": "once_per_response",
        "cadence_days": 28, "position": 1, "is_active": "on",
        "conditions": json.dumps({"all": [{"field": "score", "op": "lte", "value": 4}]}),
        "actions": json.dumps([{"action": "open_case", "topic": "seat"}]),
    }  # fmt: skip
    return Sample(new, {"name": "Very unhappy customer"})


def _chain() -> Sample:
    return named_sample(strategies=["workload", "smart"], smart_days=30, waits="on")


def _profile() -> Sample:
    calendar = BusinessCalendar.objects.create(name="Office").pk
    new = {"user": get_user_model().objects.create_user("agent").pk, "capacity": 5, "calendar": calendar}
    return Sample(new, {"capacity": 7})


def _absence() -> Sample:
    users = get_user_model().objects
    new = {"user": users.create_user("agent").pk, "first_day": "2026-08-03", "last_day": "2026-08-14"}
    return Sample(new, {"last_day": date(2026, 8, 21)})


SAMPLES: dict[str, Callable[[], Sample]] = {
    "priority": _priority,
    "source": lambda: named_sample(kind="survey", after_resolve="new_case", reopen_days=0),
    "tag": _tag,
    "topic": lambda: Sample({"name": "Seat", "is_active": "on"}, {"name": "Seats"}),
    "unit": lambda: Sample({"name": "North", "number": "100", "is_active": "on"}, {"name": "North-west"}),
    "team": _team,
    "assignmentchain": _chain,
    "agentprofile": _profile,
    "absence": _absence,
    "membership": _membership,
    "businesscalendar": _calendar,
    "holiday": _holiday,
    "slapolicy": _policy,
    "slarung": _rung,
    "rule": _rule,
    "scriptedresponse": lambda: Sample(
        {"name": "Apology", "subject": "Our apologies", "body": "We are sorry.", "state": "draft"}, {"name": "Sorry"}
    ),
    "customfield": lambda: named_sample(kind="choice", options="lost: Lost\nDamaged", in_list="on"),
    "signature": lambda: Sample({"name": "Care", "text": "Your care team"}, {"text": "Kind regards"}),
}


def sample_for(screen: Screen) -> Sample:
    """Data for ``screen``; plain lists need nothing special."""
    return SAMPLES.get(screen.name, named_sample)()


def created(client: Client, door: Door, screen: Screen, new: dict[str, Any]) -> Any:
    """The entry that sending ``new`` made."""
    before = set(screen.model._base_manager.values_list("pk", flat=True))
    response = client.post(door.url(screen, "add"), new)
    assert response.status_code == 302, errors_of(response)
    (entry,) = screen.model._base_manager.exclude(pk__in=before)
    return entry


def errors_of(response: Any) -> Any:
    """What a form complains of."""
    form = response.context["adminform"].form if "adminform" in response.context else response.context["form"]
    return form.errors


#: A word that each screen's search finds in its sample.
SEARCHED = {
    "topic": "Seat", "unit": "100", "membership": "agent", "holiday": "Christmas", "rule": "Unhappy",
    "scriptedresponse": "apologies", "signature": "care", "agentprofile": "agent", "absence": "agent",
    "slarung": "Standard",
}  # fmt: skip
#: What a door answers to those who may not, or to whom the row does not exist.
REFUSED = {302, 403, 404}


def rows_of(response: Any) -> list[Any]:
    """The rows that a list shows."""
    assert response.status_code == 200
    return list(response.context["cl"].result_list if "cl" in response.context else response.context["object_list"])


SCREEN = {screen.name: screen for screen in SCREENS}


def refused(response: Any, field: str) -> str:
    """The complaint at ``field``; the form came back."""
    assert response.status_code == 200
    return " ".join(errors_of(response)[field])
