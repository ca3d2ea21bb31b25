"""Who else has the case open, and who of them types; told by their browsers every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.models import Case, Presence
from case_management.ui.people import display_name, initials

#: Who was not heard of for so long is gone.
GONE_AFTER = timedelta(seconds=30)
#: So many are named.
MOST = 8
LOOKS = _("%(name)s is looking at this case")
#: What somebody does who types into the form.
TYPES: dict[str, str | Promise] = {
    "reply": _("%(name)s is typing a reply"),
    "forward": _("%(name)s is forwarding the case"),
    "note": _("%(name)s is typing a note"),
    "resolve": _("%(name)s is resolving the case"),
    "edit": _("%(name)s is editing the case"),
}
OTHER = _("%(name)s is working on the case")


@dataclass(frozen=True)
class Person:
    """Somebody who is here, in words."""

    name: str
    initials: str
    typing: str

    @property
    def words(self) -> str:
        """What they do, in the reader's language."""
        said = TYPES.get(self.typing, OTHER) if self.typing else LOOKS
        return str(said) % {"name": self.name}


def note_presence(case: Case, user: Any, typing: str, now: datetime) -> None:
    """``user`` has the case open; one query, but for the first time."""
    facts = {"typing": typing, "seen_at": now}
    if not Presence.objects.filter(case=case, user=user).update(**facts):
        Presence.objects.get_or_create(case=case, user=user, defaults=facts)


def forget_presence(case: Case, user: Any) -> None:
    """``user`` closed the case."""
    Presence.objects.filter(case=case, user=user).delete()


def people_at(case: Case, user: Any, now: datetime) -> list[Person]:
    """Who else is here; one query."""
    here = Presence.objects.filter(case=case, seen_at__gt=now - GONE_AFTER).exclude(user=user)
    names = [(display_name(row.user), row.typing) for row in here.select_related("user").order_by("pk")[:MOST]]
    return [Person(name, initials(name), typing) for name, typing in names]
