"""The case: one row per matter, changed only by recording events."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.domain.events import NO_DEADLINE
from case_management.domain.states import DONE, OPEN, UNLOCKED, Status, status_choices, waiting_choices
from case_management.models.calendar_version import CalendarVersion
from case_management.models.contact import Contact
from case_management.models.sla import SlaPolicy
from case_management.models.sla_terms import SlaTerms
from case_management.models.tag import Tag
from case_management.models.taxonomy import (
    CaseType,
    CloseChannel,
    ClosureReason,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Source,
)
from case_management.models.topic import Topic
from case_management.models.unit import Team, Unit

_OPEN = Q(status__in=[status.value for status in OPEN])
#: Everything that the counts beside the list look at; an index of these alone answers them.
_COUNTED = (
    "source", "assignee", "unit", "team", "due_at", "flagged", "escalation_level", "awaiting_since", "snoozed_until",
    "id",
)  # fmt: skip
_DONE = Q(status__in=[status.value for status in DONE])
_NOT_CLOSED = Q(status__in=[status.value for status in UNLOCKED])


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases by the facts that lists ask for."""

    def open(self) -> Self:
        """Somebody still owes the customer something."""
        return self.filter(_OPEN)

    def done(self) -> Self:
        """Resolved or closed."""
        return self.filter(status__in=[status.value for status in DONE])

    def overdue(self, now: datetime) -> Self:
        """Open, and the deadline has passed."""
        return self.open().filter(due_at__lt=now)

    def with_labels(self) -> Self:
        """Everything that one line of a list shows, without further queries."""
        return self.select_related(
            "topic", "case_type", "priority", "source", "unit", "team", "assignee", "contact"
        ).prefetch_related("tags")


def _fact(**kwargs: Any) -> dict[str, Any]:
    """A projected field: written by the recorder, never by a form."""
    return {"editable": False, **kwargs}


def _choice(**kwargs: Any) -> dict[str, Any]:
    return _fact(on_delete=models.PROTECT, related_name="cases", null=True, blank=True, **kwargs)


class Case(models.Model):
    """One matter of one customer, from opening to closing."""

    reference = models.CharField(_("reference"), max_length=12, unique=True, editable=False)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, verbose_name=_("source"), related_name="cases")
    contact = models.ForeignKey(
        Contact, models.PROTECT, verbose_name=_("contact"), related_name="cases", null=True, blank=True
    )
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"), blank=True)

    status = models.CharField(_("status"), **_fact(max_length=12, choices=status_choices, default=Status.NEW.value))
    waiting_for = models.CharField(
        _("waiting for"), **_fact(max_length=12, choices=waiting_choices, blank=True, default="")
    )
    topic = models.ForeignKey(Topic, **_choice(verbose_name=_("topic")))
    case_type = models.ForeignKey(CaseType, **_choice(verbose_name=_("case type")))
    priority = models.ForeignKey(Priority, **_choice(verbose_name=_("priority")))
    priority_rank = models.PositiveSmallIntegerField(_("priority rank"), **_fact(default=99))
    unit = models.ForeignKey(Unit, **_choice(verbose_name=_("unit")))
    team = models.ForeignKey(Team, **_choice(verbose_name=_("team")))
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, **_choice(verbose_name=_("assignee")))
    tags = models.ManyToManyField(Tag, through="CaseTag", verbose_name=_("tags"), related_name="cases", editable=False)
    flagged = models.BooleanField(_("flagged"), **_fact(default=False))
    escalation_level = models.PositiveSmallIntegerField(_("escalation level"), **_fact(default=0))

    opened_at = models.DateTimeField(_("opened"), **_fact())
    started_at = models.DateTimeField(_("started"), **_fact(null=True))
    resolved_at = models.DateTimeField(_("resolved"), **_fact(null=True))
    closed_at = models.DateTimeField(_("closed"), **_fact(null=True))
    breached_at = models.DateTimeField(_("deadline missed"), **_fact(null=True))
    merged_into = models.ForeignKey("self", **_fact(
        on_delete=models.PROTECT, related_name="merged_cases", null=True, blank=True, verbose_name=_("merged into")
    ))  # fmt: skip
    snoozed_until = models.DateTimeField(_("snoozed until"), **_fact(null=True))
    awaiting_since = models.DateTimeField(_("awaiting our reply since"), **_fact(null=True))
    score = models.DecimalField(_("survey score"), **_fact(max_digits=6, decimal_places=2, null=True))
    #: Typed values of custom fields by key, as events decided them; free texts stand beside, redactable.
    custom = models.JSONField(_("custom fields"), **_fact(default=dict))
    custom_texts = models.JSONField(_("custom texts"), default=dict, editable=False)
    reopen_count = models.PositiveSmallIntegerField(_("times reopened"), **_fact(default=0))
    closure_reason = models.ForeignKey(ClosureReason, **_choice(verbose_name=_("closure reason")))
    resolution_method = models.ForeignKey(ResolutionMethod, **_choice(verbose_name=_("resolution method")))
    close_channel = models.ForeignKey(CloseChannel, **_choice(verbose_name=_("close channel")))
    reopen_reason = models.ForeignKey(ReopenReason, **_choice(verbose_name=_("reopen reason")))

    sla_policy = models.ForeignKey(SlaPolicy, **_choice(verbose_name=_("SLA policy")))
    #: The version of the calendar on which the promise runs; nothing looks cases up by it, so no index.
    sla_calendar = models.ForeignKey(
        CalendarVersion, **_choice(verbose_name=_("version of the calendar"), db_index=False)
    )
    #: The terms of the policy when the promise was made; as little looked for.
    sla_terms = models.ForeignKey(SlaTerms, **_choice(verbose_name=_("version of the SLA policy"), db_index=False))
    sla_target = models.PositiveIntegerField(_("time to resolve, seconds"), **_fact(null=True))
    sla_due_at = models.DateTimeField(_("due by SLA"), **_fact(null=True))
    sla_remaining = models.PositiveIntegerField(_("left when paused, seconds"), **_fact(null=True))
    deadline = models.DateTimeField(_("deadline by hand"), **_fact(null=True))
    due_at = models.DateTimeField(_("due"), **_fact(null=True))
    urgent_at = models.DateTimeField(_("sorts as due"), **_fact(default=NO_DEADLINE))

    version = models.PositiveIntegerField(_("version"), **_fact(default=0))
    updated_at = models.DateTimeField(_("updated"), **_fact())
    chain_head = models.CharField(_("hash of the last event"), **_fact(max_length=64, default=""))

    objects: Any = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [
            ("note_case", "Can start cases and add notes"),
            ("reply_case", "Can reply to customers"),
            ("forward_case", "Can forward cases by e-mail"),
            ("assign_case", "Can assign cases"),
            ("reroute_case", "Can re-route cases to a unit or team"),
            ("tag_case", "Can tag cases"),
            ("flag_case", "Can flag cases"),
            ("wait_case", "Can put cases on hold and resume them"),
            ("escalate_case", "Can escalate cases"),
            ("resolve_case", "Can resolve cases"),
            ("reopen_case", "Can reopen cases"),
            ("close_case", "Can close resolved cases"),
            ("merge_case", "Can merge cases into another"),
            ("import_case", "Can import cases"),
            ("export_case", "Can export cases"),
            ("oversee_case", "Can oversee cases: is told of escalations and missed deadlines"),
            ("view_dashboard", "Can see the dashboard"),
        ]
        indexes = [
            models.Index(fields=["status", "urgent_at", "priority_rank", "id"], name="cm_case_urgency"),
            models.Index(fields=["unit", "urgent_at", "id"], name="cm_case_unit_open", condition=_OPEN),
            models.Index(fields=["assignee", "urgent_at", "id"], name="cm_case_assignee_open", condition=_OPEN),
            models.Index(fields=["due_at", "id"], name="cm_case_breach", condition=_OPEN & Q(breached_at=None)),
            models.Index(fields=["status", "resolved_at", "id"], name="cm_case_resolved"),
            models.Index(fields=["-opened_at", "-id"], name="cm_case_opened"),
            models.Index(fields=["-updated_at", "-id"], name="cm_case_updated"),
            models.Index(fields=["contact", "-opened_at"], name="cm_case_contact"),
            models.Index(
                fields=["snoozed_until", "id"], name="cm_case_snoozed", condition=Q(snoozed_until__isnull=False)
            ),
            models.Index(fields=["score", "id"], name="cm_case_score", condition=Q(score__isnull=False)),
            # The few cases that are not closed, by age: else "oldest first" reads through all the closed ones.
            models.Index(fields=["status", "opened_at", "id"], name="cm_case_live_opened", condition=_NOT_CLOSED),
            models.Index(fields=[*_COUNTED], name="cm_case_open_facts", condition=_OPEN),
            models.Index(
                fields=["status", "priority_rank", "urgent_at", "id"], name="cm_case_live_priority", condition=_OPEN
            ),
            models.Index(fields=["due_at", "id"], name="cm_case_due"),
            models.Index(fields=["status", "id"], name="cm_case_flagged", condition=Q(flagged=True)),
            models.Index(fields=["status", "id"], name="cm_case_escalated", condition=Q(escalation_level__gt=0)),
            models.Index(
                fields=["awaiting_since", "id"], name="cm_case_awaiting", condition=Q(awaiting_since__isnull=False)
            ),
            # How many were resolved lately and how long they took, by whoever may see them.
            models.Index(
                fields=["resolved_at", "opened_at", "unit", "source", "assignee", "team", "id"],
                name="cm_case_done_facts",
                condition=_DONE,
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="cm_case_external_id"
            ),
            models.CheckConstraint(condition=Q(status__in=[str(status) for status in Status]), name="cm_case_status"),
            models.CheckConstraint(
                condition=(_OPEN & Q(resolved_at=None)) | (~_OPEN & Q(resolved_at__isnull=False)),
                name="cm_case_resolved_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting") | Q(waiting_for=""), name="cm_case_waits_only_while_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def state(self) -> Status:
        """The status as a member of the enumeration."""
        return Status(self.status)

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes the customer something."""
        return self.state.is_open


class CaseTag(models.Model):
    """A tag on a case; written by the recorder."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="case_tags")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="case_tags", verbose_name=_("tag"))

    class Meta:
        verbose_name = _("tag of a case")
        verbose_name_plural = _("tags of cases")
        constraints = [models.UniqueConstraint(fields=["case", "tag"], name="cm_case_tag_once")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.tag_id}"


class CaseFlag(models.Model):
    """One person's own flag on a case; nobody else's business, so no event."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="flags")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="flagged_cases")

    class Meta:
        verbose_name = _("personal flag")
        verbose_name_plural = _("personal flags")
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="cm_case_flag_once")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.user_id}"
