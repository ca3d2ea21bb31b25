"""Who was told of a case by mail, and who was not and why: the ledger in words, the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.models import Case, Notification
from case_management.models.due import DueState
from case_management.notifications.subscriptions import KINDS
from case_management.timeline.names import person
from case_management.timeline.wording import names_for, sentence

#: So many letters come at once.
AT_ONCE = 20
#: Why a letter was not sent.
REASONS: dict[str, str | Promise] = {
    "switched_off": gettext_lazy("the settings switch this kind of mail off for everybody"),
    "own_action": gettext_lazy("they did it themselves"),
    "muted": gettext_lazy("their preferences say: no mail of this kind"),
    "internal": gettext_lazy("the letter received came from our own people"),
    "automatic": gettext_lazy("the letter received was sent by a machine"),
    "no_reply": gettext_lazy("the letter sent was no reply to the customer"),
    "inactive": gettext_lazy("their account is switched off"),
    "no_address": gettext_lazy("they have no e-mail address"),
    "no_right": gettext_lazy("they may not see the case"),
}


@dataclass(frozen=True)
class Letter:
    """One letter that was owed. ``why_not`` is empty where it was sent or will be; ``also`` are further reasons."""

    pk: int
    at: datetime
    to: str
    kind: str
    event: int | None
    says: str
    state: str
    state_code: str
    why_not: str
    also: list[str]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told: dict[str, Any] = {"at": self.at.isoformat(), "to": self.to, "kind": self.kind, "event": self.event}
        return {**told, "state": self.state_code} | ({"why_not": self.why_not} if self.why_not else {})


def letters_of(
    case: Case, visible: Any, *, only_to: Any = None, before: int | None = None
) -> tuple[list[Letter], int | None]:
    """Some letters, those with a lower key than ``before``; and the key to go on from, None at the end.

    ``only_to`` leaves out what others were told; other cases are named where they are among ``visible``.
    """
    rows = Notification.objects.filter(case=case).select_related("recipient", "event").order_by("-pk")
    rows = rows.filter(Q() if only_to is None else Q(recipient=only_to))
    found = list((rows.filter(pk__lt=before) if before else rows)[: AT_ONCE + 1])
    names = names_for([row.event for row in found if row.event], visible=visible)
    letters = [_letter(row, sentence(row.event, names) if row.event else "") for row in found[:AT_ONCE]]
    return letters, found[AT_ONCE - 1].pk if len(found) > AT_ONCE else None


def _letter(row: Notification, says: str) -> Letter:
    dead = row.state == DueState.DEAD
    return Letter(
        pk=row.pk,
        at=row.created_at,
        to=person(row.recipient) if row.recipient else row.address,
        kind=_kind(row),
        event=row.event.seq if row.event else None,
        says=says,
        state=str(DueState(row.state).label),
        state_code=row.state,
        why_not=str(REASONS.get(row.reason, row.reason)) if row.reason else row.last_error if dead else "",
        also=[str(KINDS.get(kind, kind)) for kind in row.context.get("also", [])],
    )


def _kind(row: Notification) -> str:
    if row.kind == "rule":
        return str(_("Rule “%s”") % row.context.get("rule", "?"))
    return str(KINDS.get(row.kind, row.kind))
