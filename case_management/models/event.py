"""The timeline: append-only events, and the work that each event still owes its reactors."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import ActorKind
from case_management.domain.events import EVENTS, Event
from case_management.models.case import Case
from case_management.models.due import DueQuerySet, DueWork, due_index


class CaseEvent(models.Model):
    """One decision about one case, as it was taken; never updated, never deleted."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", verbose_name=_("case"))
    seq = models.PositiveIntegerField(_("number"))
    type = models.CharField(_("type"), max_length=40)
    payload = models.JSONField(_("payload"), default=dict)
    actor_kind = models.CharField(
        _("kind of actor"), max_length=8, choices=[(kind.value, kind.value) for kind in ActorKind]
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("user")
    )
    actor_label = models.CharField(_("actor"), max_length=150, blank=True)
    occurred_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"))
    caused_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="effects", verbose_name=_("caused by")
    )
    depth = models.PositiveSmallIntegerField(_("rules deep"), default=0)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        default_permissions = ("view",)
        ordering = ["case_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="cm_event_seq")]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq} {self.type}"

    def decoded(self) -> Event:
        """The event as an object of :mod:`case_management.domain.events`."""
        return EVENTS[self.type].from_payload(self.payload)


class ReactionReceipt(DueWork):
    """What one reactor owes one event: written pending with the event, stamped done with the reactor's effects."""

    event = models.ForeignKey(CaseEvent, models.CASCADE, related_name="receipts")
    reactor = models.CharField(max_length=40)

    objects: Any = DueQuerySet.as_manager()

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        constraints = [models.UniqueConstraint(fields=["event", "reactor"], name="cm_reaction_once")]
        indexes = [due_index("cm_reaction_due")]

    def __str__(self) -> str:
        return f"{self.reactor} on {self.event_id}"
