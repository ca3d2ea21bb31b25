"""What people read of the machinery's own rows: whose rows they see, and how a dead one gets another try."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from case_management.access import visible_to, visible_units
from case_management.access.roles import holds_everywhere
from case_management.background import wake
from case_management.models import ExportJob, ImportBatch, Notification, RuleFiring
from case_management.models.due import DueState
from case_management.ui.setup.screen import Column, Screen, Section
from case_management.ui.why import Condition, why

#: Who may send dead rows on their way again.
RETRY_RIGHT = "case_management.change_settings"


def notifications_for(user: Any) -> Any:
    """One's own, and those about cases and alerts that one may see."""
    rows = Notification.objects.select_related("recipient", "case", "alert")
    if holds_everywhere(user, "view_notification"):
        return rows
    units = visible_units(user, "view_notification")
    seen = Q(case__in=visible_to(user, "view_notification")) | Q(case=None, alert__unit__in=units)
    return rows.filter(seen | Q(recipient=user))


def firings_for(user: Any) -> Any:
    """Firings about cases, or interactions of units, that one may see."""
    rows = RuleFiring.objects.select_related("rule", "case", "interaction")
    if holds_everywhere(user, "view_rulefiring"):
        return rows
    units = visible_units(user, "view_rulefiring")
    return rows.filter(Q(case__in=visible_to(user, "view_rulefiring")) | Q(case=None, interaction__unit__in=units))


def imports_for(user: Any) -> Any:
    """One's own imports; all of them for those whose role spans all units."""
    return _own(ImportBatch, user, "view_importbatch")


def exports_for(user: Any) -> Any:
    """One's own exports; all of them for those whose role spans all units."""
    return _own(ExportJob, user, "view_exportjob")


def _own(model: Any, user: Any, right: str) -> Any:
    rows = model.objects.select_related("requested_by")
    return rows if holds_everywhere(user, right) else rows.filter(requested_by=user)


def in_words(firing: RuleFiring) -> SafeString:
    """What the conditions asked and saw, how the assignee was chosen, and what else the actions did; a line each."""
    read = why(firing)
    lines = [_asked(condition) for condition in read.conditions]
    lines += [f"{step.strategy}: {step.considered} → {step.left}" for step in read.steps]
    others = [entry for entry in firing.trace.get("actions", []) if entry.get("action") != "assign"]
    lines += [json.dumps(entry, ensure_ascii=False) for entry in others]
    return format_html_join("", '<p dir="auto">{}</p>', ((line,) for line in lines or ["–"]))


def _asked(condition: Condition) -> str:
    held = gettext("yes") if condition.held else gettext("no")
    seen = "" if condition.seen is None else gettext(" (it was %s)") % condition.seen
    return f"{condition.asked}: {held}{seen}"


def retryable(rows: Any) -> Any:
    """Rows that a retry would touch: dead ones, and those that wait for their next attempt."""
    free = Q(lease_until=None) | Q(lease_until__lte=timezone.now())
    return rows.filter(free, state__in=[DueState.DEAD, DueState.PENDING])


def retry(screen: Screen, rows: Any) -> int:
    """Make ``rows`` due now, with all their attempts before them; what is done or suppressed stays so."""
    due = retryable(rows.model._base_manager.filter(pk__in=rows.order_by().values("pk")))
    count: int = due.update(state=DueState.PENDING, available_at=timezone.now(), attempts=0)
    if count:
        wake(screen.revive)
    return count


_STATE = ("state", "attempts", "available_at", "last_error")

LEDGERS = Section(
    "ledgers", _("Ledgers"), "history",
    (
        Screen(
            Notification, _("Every letter that is owed, was sent or was held back, and why."),
            ("key", "recipient", "state", "attempts", "last_error", "available_at"),
            search=("key", "address", "recipient__username"), filters=("state", "kind", "channel"),
            ordering=("-created_at", "-pk"), icon="mail", rows=notifications_for, revive="notifications",
            details=("key", "kind", "channel", "recipient", "address", "case", *_STATE, "reason", "message_id",
                     "created_at", "sent_at"),
        ),
        Screen(
            RuleFiring, _("Each time a rule acted, with the values it saw."),
            ("key", "rule", "case", "fired_at"), search=("key", "rule__name", "case__reference"),
            filters=("rule",), ordering=("-fired_at", "-pk"), icon="history", rows=firings_for,
            details=("key", "rule", "case", "fired_at", Column("why", _("Why"), in_words)),
        ),
        Screen(
            ImportBatch, _("Files that were taken in, row by row."),
            ("__str__", "requested_by", "state", "total", "created", "updated", "skipped", "failed", "created_at"),
            search=("name",), filters=("state", "dry_run"), ordering=("-created_at", "-pk"), icon="upload",
            rows=imports_for,
            details=("name", "format", "requested_by", *_STATE, "dry_run", "total", "done", "created", "updated",
                     "skipped", "failed", "sha256", "created_at", "finished_at"),
        ),
        Screen(
            ExportJob, _("Lists that were asked for; they run with the rights of whoever asked."),
            ("__str__", "requested_by", "state", "total", "downloads", "created_at"),
            search=("query",), filters=("state", "format"), ordering=("-created_at", "-pk"), icon="download",
            rows=exports_for,
            details=("resource", "format", "requested_by", "query", *_STATE, "total", "done", "downloads", "sha256",
                     "created_at", "finished_at"),
        ),
    ),
)  # fmt: skip
