"""The one place where a version of a rule moves on: draft, awaiting approval, shadow, published, retired.

Whoever sets :attr:`Rule.state` does it here, so that the database's ``is_active``, the clocks of rules on time and the
history of the version follow. ``by`` is the person who does it; None is the operator, a command or a file.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.access.roles import holds_everywhere
from case_management.exceptions import InvalidConfiguration, RightMissing, RuleNotInState
from case_management.models import Rule, RuleClock, RuleStep
from case_management.models.rule import RuleState
from case_management.rules import approval
from case_management.rules.authoring import validate, validate_when
from case_management.rules.due import ON_TIME, start_clock

Kind = RuleStep.Kind
#: Versions that are being worked on; a key has one at a time.
UNFINISHED = (RuleState.DRAFT, RuleState.AWAITING, RuleState.SHADOW)
#: What a version is made of; another version differs in some of it.
PARTS = (
    "name", "occasion", "timing", "scope", "conditions", "actions", "cadence", "cadence_days", "position",
    "stop_processing",
)  # fmt: skip
#: For :func:`publish`: whatever acts now gives way.
ANY_VERSION = -1


def live_version(key: str) -> Rule | None:
    """The version that acts."""
    found: Rule | None = Rule.objects.filter(key=key, state=RuleState.PUBLISHED).first()
    return found


def draft_of(key: str) -> Rule | None:
    """The version that is being worked on."""
    found: Rule | None = Rule.objects.filter(key=key, state__in=UNFINISHED).order_by("-version").first()
    return found


@transaction.atomic
def save_draft(rule: Rule, *, by: Any = None) -> Rule:
    """Keep what ``rule`` holds as the one draft of its key and leave the version that acts alone.

    ``rule`` is a version, changed in memory; a draft that awaited approval or ran in the shadow is a draft again.
    """
    _lock(rule.key)
    draft = draft_of(rule.key)
    if draft is None:
        newest = Rule.objects.filter(key=rule.key).aggregate(newest=Max("version"))["newest"] or 0
        draft = Rule(key=rule.key, version=newest + 1)
    for name in PARTS:
        setattr(draft, name, getattr(rule, name))
    draft.state = RuleState.DRAFT
    draft.save()
    record(draft, Kind.SAVED, by)
    return draft


def submit(rule: Rule, *, by: Any = None) -> Rule:
    """Ask for approval of a draft; raises InvalidConfiguration where it could not be published."""
    come_from = (RuleState.DRAFT, RuleState.SHADOW)
    return _move(rule, RuleState.AWAITING, come_from=come_from, step=(Kind.SUBMITTED, by, ""), checked=True)


def refuse(rule: Rule, *, by: Any, reason: str) -> Rule:
    """Send a version that awaits approval back to its author, who reads why; takes the right to approve."""
    if by is not None and not holds_everywhere(by, approval.RIGHT):
        raise RightMissing(_("Somebody with the right “publish_rule” sends it back."))
    if not reason:
        raise InvalidConfiguration(_("Say why it goes back; its author reads it."))
    step = (Kind.REFUSED, by, reason)
    return _move(rule, RuleState.DRAFT, come_from=(RuleState.AWAITING,), step=step)


def back_to_draft(rule: Rule, *, by: Any = None) -> Rule:
    """Take a version back to be worked on: withdrawn, or out of the shadow."""
    come_from = (RuleState.AWAITING, RuleState.SHADOW)
    return _move(rule, RuleState.DRAFT, come_from=come_from, step=(Kind.WITHDRAWN, by, ""))


def to_shadow(rule: Rule, *, by: Any = None) -> Rule:
    """Let a version run beside the live one and only write down what it would do."""
    come_from = (RuleState.DRAFT, RuleState.AWAITING)
    return _move(rule, RuleState.SHADOW, come_from=come_from, step=(Kind.SHADOWED, by, ""), checked=True)


@transaction.atomic
def retire(rule: Rule, *, by: Any = None) -> Rule:
    """Take a version out of use."""
    come_from = (*UNFINISHED, RuleState.PUBLISHED)
    rule = _move(rule, RuleState.RETIRED, come_from=come_from, step=(Kind.RETIRED, by, ""))
    forget_clock(rule)
    return rule


@transaction.atomic
def publish(rule: Rule, *, by: Any = None, over: int | None = ANY_VERSION, now: datetime | None = None) -> Rule:
    """Let this version act, in place of the one that acted; where rules are approved, this approves it.

    ``over`` is the version that acted when the person looked (None: none did). Raises RuleNotInState where another one
    does by now, InvalidConfiguration where it cannot be carried out, RightMissing where somebody else has to approve.
    """
    _lock(rule.key)
    before = live_version(rule.key)
    stored = Rule.objects.values_list("state", flat=True).get(pk=rule.pk)
    if over not in (ANY_VERSION, before.version if before else None):
        raise RuleNotInState(_too_late(before))
    if stored != rule.state:
        raise RuleNotInState(_by_now(rule, stored))
    if stored != RuleState.PUBLISHED:
        approval.require_approval(rule, by)
    require_usable(rule)
    if before is not None and before.pk != rule.pk:
        _set(before, RuleState.RETIRED)
        record(before, Kind.RETIRED, by, _("Version %d took its place.") % rule.version)
    _set(rule, RuleState.PUBLISHED)
    if stored == RuleState.AWAITING:
        record(rule, Kind.APPROVED, by)
    if stored != RuleState.PUBLISHED:
        record(rule, Kind.PUBLISHED, by)
    _hand_over_clock(before, rule, now or timezone.now())
    return rule


def _by_now(rule: Rule, state: str) -> str:
    wording = _("Version %(version)s of “%(rule)s” is “%(state)s” by now; look at it again.")
    return wording % {"version": rule.version, "rule": rule, "state": RuleState(state).label}


def _too_late(live: Rule | None) -> str:
    if live is None:
        return _("The rule was switched off meanwhile; look at it again.")
    published = live.steps.filter(kind=Kind.PUBLISHED).select_related("by").last()
    who = published.by if published is not None and published.by is not None else _("somebody")
    wording = _("Version %(version)s was published by %(who)s meanwhile; look at the differences again.")
    return wording % {"version": live.version, "who": who}


def record(rule: Rule, kind: str, by: Any = None, reason: str = "") -> None:
    """Write a step into the history of a version."""
    RuleStep.objects.create(rule=rule, kind=kind, by=by, reason=reason)


def forget_clock(rule: Rule) -> None:
    """What a rule waits for was rewritten: when it is published it waits from then on."""
    RuleClock.objects.filter(rule=rule).delete()


def require_usable(rule: Rule) -> None:
    """Raise InvalidConfiguration that names what is wrong with a rule, and the mend."""
    validate_when(rule.occasion, rule.timing, rule.scope)
    validate(rule.occasion, rule.conditions, rule.actions)


def _hand_over_clock(before: Rule | None, rule: Rule, now: datetime) -> None:
    """Who waits for the same goes on where the version before stopped; else the clock starts now.

    No moment is asked about twice, or left out, because a rule was published anew.
    """
    if before is not None and before.pk != rule.pk:
        if (before.occasion, before.timing) == (rule.occasion, rule.timing):
            RuleClock.objects.filter(rule=before).update(rule=rule)
        forget_clock(before)
    start(rule, now)


def start(rule: Rule, now: datetime | None = None) -> None:
    """Give a rule on time that is switched on its clock, unless it has one."""
    if rule.occasion in ON_TIME:
        now = now or timezone.now()
        start_clock(rule, now, now)


@transaction.atomic
def _move(
    rule: Rule, to: RuleState, *, come_from: tuple[RuleState, ...], step: tuple[str, Any, str], checked: bool = False
) -> Rule:
    _lock(rule.key)
    now_is = Rule.objects.values_list("state", flat=True).get(pk=rule.pk)
    if now_is not in come_from:
        raise RuleNotInState(_by_now(rule, now_is))
    if checked:
        require_usable(rule)
    _set(rule, to)
    record(rule, *step)
    return rule


def _set(rule: Rule, state: RuleState) -> None:
    rule.state = state
    rule.save(update_fields=["state", "is_active"])


def _lock(key: str) -> None:
    """Of two who publish versions of one key at once, one waits for the other."""
    list(Rule.objects.select_for_update().filter(key=key).order_by("pk").values_list("pk", flat=True))
