"""Where a version of a rule stands, as the builder and the page of versions tell it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from case_management.exceptions import RuleNotInState, StaleRule
from case_management.models import Rule, RuleStep
from case_management.models.rule import RuleState
from case_management.rules import approval, publishing

#: What somebody may have changed.
_SAID = (
    "name", "occasion", "conditions", "actions", "timing", "scope", "cadence", "cadence_days", "position",
    "stop_processing", "state",
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """What a reader of one version wants to know about the others."""

    needs_approval: bool
    live: Rule | None
    #: The version that is being worked on, where it is not this one.
    other_draft: Rule | None
    #: Why it came back from approval, while it is a draft.
    refused: RuleStep | None


def standing_of(rule: Rule) -> Standing:
    """Of this version."""
    draft = publishing.draft_of(rule.key)
    other = draft if draft is not None and draft.pk != rule.pk else None
    return Standing(approval.is_needed(), publishing.live_version(rule.key), other, _refusal(rule))


def _refusal(rule: Rule) -> RuleStep | None:
    if rule.state != RuleState.DRAFT:
        return None
    asked = rule.steps.filter(kind__in=(RuleStep.Kind.REFUSED, RuleStep.Kind.SUBMITTED)).select_related("by")
    last: RuleStep | None = asked.order_by("pk").last()
    return last if last is not None and last.kind == RuleStep.Kind.REFUSED else None


def require_only_draft(rule: Rule) -> None:
    """Raise RuleNotInState where somebody works on another version: it would be written over."""
    if (other := standing_of(rule).other_draft) is not None:
        wording = _("Version %d of this rule is being worked on: go on with it, or retire it first.")
        raise RuleNotInState(wording % other.version)


def mark_of(rule: Rule) -> str:
    """Another one as soon as somebody changes the version, or writes a newer one."""
    newest = Rule.objects.filter(key=rule.key).aggregate(newest=Max("version"))["newest"]
    said = [newest, *(getattr(rule, name) for name in _SAID)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:20]


def require_unchanged(pk: int, mark: str) -> None:
    """Raise StaleRule, with the mark of today, unless the stored version is what was read; holds it to the end."""
    stored = Rule.objects.select_for_update().get(pk=pk)
    if mark and mark != (now := mark_of(stored)):
        wording = _(
            "Somebody else has changed this rule since you opened it. What you have made stands below; “As text” and "
            "“Versions and publishing” show what is stored now. Press again to keep yours instead."
        )
        raise StaleRule(wording, mark=now)
