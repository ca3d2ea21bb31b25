"""The demo's company: an invented hotel group, its lists, its calendar, its promises and its rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from case_management import models
from case_management.rules import authoring

NAME = "Marrow & Finch Hotels"

REGIONS = {
    "North": ("Harbour", "Old Mill", "Lighthouse", "Moorgate", "Fellside", "Kirk Lane"),
    "East": ("Quayside", "Saltmarsh", "Windmill", "Minster", "Fenland", "Pier Road"),
    "South": ("Downland", "Orchard", "Castle Hill", "Beacon", "Riverside", "Abbey"),
    "West": ("Headland", "Tamar", "Granite", "Bay View", "Copper Row", "Hill Fort"),
}
TOPICS = {
    "Room": ("Cleanliness", "Noise", "Temperature", "Bed and comfort"),
    "Service": ("Check-in", "Staff", "Waiting time"),
    "Food and drink": ("Breakfast", "Restaurant"),
    "Booking and billing": ("Wrong charge", "Refund", "Loyalty points"),
}
TIERS = [{"key": name.lower(), "label": name} for name in ("Silver", "Gold", "Platinum")]
LISTS: dict[Any, list[dict[str, Any]]] = {
    models.CaseType: [
        {"name": "Guest recovery", "requires_resolution_method": True},
        {"name": "Social"},
        {"name": "Billing", "requires_close_channel": True},
        {"name": "Suggestion"},
    ],
    models.Priority: [
        {"name": "Urgent", "rank": 1},
        {"name": "High", "rank": 2},
        {"name": "Normal", "rank": 3, "is_default": True},
        {"name": "Low", "rank": 4},
    ],
    models.Source: [
        {"name": "Guest survey", "kind": "survey"},
        {"name": "Contact centre", "kind": "call"},
        {"name": "E-mail", "kind": "email"},
        {"name": "Website form", "kind": "form"},
        {"name": "Social media", "kind": "mention"},
    ],
    models.ClosureReason: [
        {"name": name}
        for name in ("Problem solved", "Compensated", "Explained", "No answer from customer", "Not justified")
    ],
    models.ReopenReason: [
        {"name": name} for name in ("Customer not satisfied", "Promise not kept", "Closed by mistake")
    ],
    models.ResolutionMethod: [
        {"name": name} for name in ("Apology", "Discount", "Refund", "Replacement", "Information given")
    ],
    models.CloseChannel: [{"name": name} for name in ("Phone", "E-mail", "Letter", "In person")],
    models.NoteSubject: [
        {"name": name} for name in ("Called the customer", "Asked the unit", "Internal", "Waiting for documents")
    ],
    models.CustomField: [
        {"name": "Loyalty tier", "kind": "choice", "is_filterable": True, "in_list": True, "options": TIERS},
        {"name": "Compensation offered", "kind": "number", "is_filterable": True, "description": "In pounds."},
    ],
    models.Team: [{"name": name} for name in ("Guest relations", "Billing desk", "Social media desk")],
}
TAGS = {
    "Root cause": ("Housekeeping", "Maintenance", "Staffing", "Supplier", "System fault", "Communication"),
    "Guest": ("First visit", "Loyalty member", "Business traveller", "Family"),
}
#: Priority → minutes of business time in which a case is to be resolved.
TARGETS = {"urgent": 4 * 60, "high": 10 * 60, "normal": 20 * 60, "low": 50 * 60}
RULES: tuple[dict[str, Any], ...] = (
    {
        "key": "unhappy-guest",
        "name": "Unhappy guest asks for contact",
        "occasion": "interaction_received",
        "conditions": {
            "all": [
                {"field": "score", "op": "lte", "value": 4},
                {"any": [
                    {"field": "recommended", "op": "is", "value": False},
                    {"field": "wants_contact", "op": "is", "value": True},
                ]},
            ]
        },
        "actions": [
            {"action": "open_case", "topic": "service", "priority": "high", "case_type": "guest-recovery"},
        ],
    },
    {
        "key": "delighted-guest",
        "name": "Delighted guest",
        "occasion": "interaction_received",
        "conditions": {"field": "score", "op": "gte", "value": 9},
        "actions": [{"action": "alert"}],
    },
    {
        "key": "assign-new-cases",
        "name": "Assign new cases",
        "occasion": "case_opened",
        "conditions": {"field": "assignee", "op": "empty"},
        "actions": [{"action": "assign", "chain": ["smart", "workload", "random"]}],
    },
    {
        "key": "deadline-missed",
        "name": "Tell managers of missed deadlines",
        "occasion": "deadline_missed",
        "conditions": {"field": "priority", "op": "in", "value": ["urgent", "high"]},
        "actions": [{"action": "notify", "to": ["managers"]}],
    },
)  # fmt: skip


def found_company(today: date) -> None:
    """Fill every list, the calendar, the promises and the rules."""
    for model, rows in LISTS.items():
        for position, row in enumerate(rows):
            model.objects.create(position=position, **row)
    _tags()
    _topics()
    _units()
    _promises(today)
    for position, rule in enumerate(RULES):
        authoring.validate(rule["occasion"], rule["conditions"], rule["actions"])
        models.Rule.objects.create(position=position, **rule)
    models.Settings().save()


def _tags() -> None:
    for position, (name, tags) in enumerate(TAGS.items()):
        category = models.TagCategory.objects.create(name=name, position=position)
        for place, tag in enumerate(tags):
            models.Tag.objects.create(name=tag, category=category, position=place)
    models.TagCategory.objects.get(name="Root cause").required_for.set(
        models.CaseType.objects.filter(key="guest-recovery")
    )


def _topics() -> None:
    for name, parts in TOPICS.items():
        top = models.Topic.add_root(name=name, key=_key(name))
        for part in parts:
            models.Topic.objects.get(pk=top.pk).add_child(name=part, key=f"{_key(name)}-{_key(part)}")


def _units() -> None:
    brand = models.Unit.add_root(number="MF", name=NAME, timezone="Europe/London")
    for region, hotels in REGIONS.items():
        node = models.Unit.objects.get(pk=brand.pk).add_child(number=f"MF-{region[0]}", name=f"Region {region}")
        for place, hotel in enumerate(hotels, start=1):
            number = f"{'NESW'.index(region[0]) + 1}{place:02}"
            models.Unit.objects.get(pk=node.pk).add_child(number=number, name=hotel, timezone="Europe/London")


def _promises(today: date) -> None:
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-20:00")
    calendar = models.BusinessCalendar.objects.create(
        name="Guest relations", timezone="Europe/London", saturday="09:00-13:00, 14:00-17:00", **week
    )
    for year in range(today.year - 2, today.year + 2):
        for month, day, name in ((1, 1, "New Year"), (12, 25, "Christmas Day"), (12, 26, "Boxing Day")):
            models.Holiday.objects.create(calendar=calendar, date=date(year, month, day), name=name)
    for position, priority in enumerate(models.Priority.objects.order_by("rank")):
        policy = models.SlaPolicy.objects.create(
            name=f"{priority.name} cases", priority=priority, calendar=calendar, position=position
        )
        models.SlaTarget.objects.create(policy=policy, minutes=TARGETS[priority.key])


def _key(name: str) -> str:
    return name.lower().replace(" ", "-")
