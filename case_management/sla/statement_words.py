"""The lines of a statement in the reader's language, and lengths to the second."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from case_management.models.sla import SlaMetric
from case_management.models.sla_clock import MarkKind
from case_management.sla.lines import Kind, Line, Why
from case_management.sla.runs import Run

KINDS: dict[Kind, str | Promise] = {
    Kind.COUNTED: gettext_lazy("Counted"),
    Kind.PAUSED: gettext_lazy("Paused"),
    Kind.CLOSED: gettext_lazy("Closed hours"),
    Kind.STOPPED: gettext_lazy("Stopped"),
}
WHYS: dict[Why, str | Promise] = {
    Why.OPEN: gettext_lazy("business hours"),
    Why.BEFORE: gettext_lazy("business hours before the case was opened: its customer had written before"),
    Why.OUR_TURN: gettext_lazy("our turn"),
    Why.CUSTOMER: gettext_lazy("waiting for the customer"),
    Why.THIRD_PARTY: gettext_lazy("waiting for a third party"),
    Why.HELD: gettext_lazy("the clock stands"),
    Why.HOLIDAY: gettext_lazy("holiday"),
    Why.WEEKEND: gettext_lazy("weekend"),
    Why.CLOSED_DAY: gettext_lazy("closed all day"),
    Why.NIGHT: gettext_lazy("before opening or after closing"),
    Why.BREAK: gettext_lazy("break between opening hours"),
    Why.DONE: gettext_lazy("resolved"),
}
MARKS: dict[str, str | Promise] = {
    MarkKind.WARNING.value: gettext_lazy("Warning at %(value)s %%"),
    MarkKind.MISS.value: gettext_lazy("Reply is late"),
    MarkKind.LEVEL.value: gettext_lazy("Step %(value)s of the escalation ladder"),
}


def of_clock(metric: str, number: int) -> str:
    """Which clock of a case: "First response", "Next reply 2"."""
    name = str(SlaMetric(metric).label)
    return f"{name} {number}" if number > 1 else name


def mark(kind: str, value: int) -> str:
    """What a clock comes to: "Warning at 75 %"."""
    return str(MARKS[kind]) % {"value": value}


def reason(line: Line) -> str:
    """Why it was so: "weekend", "holiday: Christmas Day"."""
    said = str(WHYS[line.why])
    return f"{said}: {line.name}" if line.name else said


def exactly(seconds: int) -> str:
    """A length without rounding: "2 h 10 min 05 s"; its sign does not count."""
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    parts = [pgettext("length of time", "%d h") % hours] if hours else []
    if minutes:
        parts.append(pgettext("length of time", "%d min") % minutes)
    if rest or not parts:
        parts.append(pgettext("length of time", "%d s") % rest)
    return " ".join(parts)


def outcome(run: Run) -> str:
    """Where the business clock stands, as the last line of the sum."""
    words = {"counted": exactly(run.counted), "target": exactly(run.target), "left": exactly(run.left)}
    if run.left < 0:
        return _("%(counted)s counted of %(target)s: %(left)s past due") % words
    return _("%(counted)s counted of %(target)s: %(left)s left") % words
