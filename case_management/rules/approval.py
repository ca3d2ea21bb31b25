"""Whether somebody else has to approve a rule before it acts, and who may."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.access.roles import holds_everywhere
from case_management.exceptions import RightMissing
from case_management.models import Rule, RuleStep, Settings
from case_management.models.rule import RuleState

RIGHT = "publish_rule"


def is_needed() -> bool:
    """Whether rules are approved on this site."""
    return Settings.load().rules_need_approval


def authors(rule: Rule) -> set[int]:
    """Ids of those who worked on this version."""
    steps = RuleStep.objects.filter(rule=rule, kind__in=(RuleStep.Kind.SAVED, RuleStep.Kind.SUBMITTED))
    return set(steps.exclude(by=None).values_list("by_id", flat=True))


def why_not_approve(rule: Rule, user: Any) -> str:
    """Why ``user`` may not let this version act; empty when they may. The operator (None) always may."""
    if user is None or not is_needed():
        return ""
    if rule.state != RuleState.AWAITING:
        return _("Rules are approved before they act: submit it for approval.")
    if not holds_everywhere(user, RIGHT):
        return _("Somebody with the right “publish_rule” approves it.")
    if user.pk in authors(rule):
        return _("You worked on this version: somebody else approves it.")
    return ""


def require_approval(rule: Rule, user: Any) -> None:
    """Raise RightMissing where :func:`why_not_approve` has a reason."""
    if reason := why_not_approve(rule, user):
        raise RightMissing(reason)
