"""The time to resolve of a case in words: what is left, how far past due it is, or how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from case_management.models import Case
from case_management.timeline.durations import in_words

#: From here on a deadline asks for attention.
NEAR = timedelta(hours=4)


class Tone(StrEnum):
    """How loudly it is said; the words say it too."""

    QUIET = "quiet"
    CALM = "calm"
    WARN = "warn"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Timer:
    """What a list or a page shows; ``at`` is the exact moment behind the words, ``hint`` says what it is.

    A timer that ``runs`` counts to ``at`` or away from it, so a script may keep it going.
    """

    text: str
    tone: Tone
    at: datetime | None = None
    hint: str = ""
    runs: bool = False


def timer(case: Case, now: datetime) -> Timer:
    """The timer of ``case`` at ``now``; reads nothing but the case's own row."""
    if case.resolved_at is not None:
        took = _("took %s") % in_words(case.resolved_at - case.opened_at)
        if case.breached_at is not None:
            return Timer(_("%s, late") % took, Tone.QUIET, case.resolved_at, _("Resolved"))
        return Timer(took, Tone.QUIET, case.resolved_at, _("Resolved"))
    if case.due_at is not None:
        return _running(case.due_at, now)
    if case.sla_remaining is not None:
        left = _("%s left when the clock runs again") % in_words(timedelta(seconds=case.sla_remaining))
        return Timer(_("paused"), Tone.QUIET, None, left)
    return Timer(_("no deadline"), Tone.QUIET)


def running_words() -> dict[str, str]:
    """The words with which a script keeps timers going in the reader's language."""
    return {"left": _("%s left"), "late": _("%s past due"), "moment": in_words(timedelta(0))}


def _running(due_at: datetime, now: datetime) -> Timer:
    length = in_words(due_at - now)
    if due_at < now:
        return Timer(_("%s past due") % length, Tone.DANGER, due_at, _("Was due"), runs=True)
    tone = Tone.WARN if due_at - now < NEAR else Tone.CALM
    return Timer(_("%s left") % length, tone, due_at, _("Due"), runs=True)
