"""Is everything as promised? The database is asked first, the queue second."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q
from django.utils import timezone

from case_management import background, conf
from case_management.jobs.kept_files import files_problems, files_report
from case_management.models import (
    Case,
    CaseEvent,
    ChangeSet,
    Delivery,
    ExportJob,
    Heartbeat,
    ImportBatch,
    Interaction,
    Notification,
    ReactionReceipt,
)
from case_management.models.due import DueState
from case_management.timeline.projection import drift

OUTBOXES: dict[str, Any] = {
    "interactions": Interaction,
    "reactions": ReactionReceipt,
    "notifications": Notification,
    "messages": Delivery,
    "exports": ExportJob,
    "imports": ImportBatch,
    "changes": ChangeSet,
}
#: Due work older than this means that nobody is working.
PATIENCE = timedelta(minutes=5)
#: Without ``full`` the fold is checked for so many of the cases that changed last.
RECENT = 2000


def report(*, full: bool = False) -> dict[str, Any]:
    """Everything that ``case_check`` prints; ``problems`` is empty when all is well."""
    now = timezone.now()
    found: dict[str, Any] = {
        "outbox": {name: _outbox(model, now) for name, model in OUTBOXES.items()},
        "orphans": _orphans(),
        "drift": _drift(full=full),
        "files": files_report(now, full=full),
        "sweep": _sweep(now),
        "queue": background.health() if conf.background() == "rq" else {"background": "manual"},
    }
    found["problems"] = [*_outbox_problems(found["outbox"]), *_state_problems(found), *_queue_problems(found)]
    return found


def _outbox(model: Any, now: datetime) -> dict[str, Any]:
    pending = Q(state=DueState.PENDING)
    counts = model.objects.filter(state__in=[DueState.PENDING, DueState.DEAD]).aggregate(
        depth=Count("pk", filter=pending & Q(available_at__lte=now)),
        retrying=Count("pk", filter=pending & Q(available_at__gt=now)),
        dead=Count("pk", filter=Q(state=DueState.DEAD)),
        oldest=Min("available_at", filter=pending & Q(available_at__lte=now)),
    )
    oldest = counts.pop("oldest")
    return {**counts, "age_seconds": round((now - oldest).total_seconds()) if oldest else 0}


def _orphans() -> dict[str, int]:
    """What must never be: cases without events or words (``case_words`` mends these), gaps in a timeline."""
    counted = CaseEvent.objects.values("case_id").annotate(events=Count("pk"), last=Max("seq"), first=Min("seq"))
    return {
        "cases_without_events": Case.objects.filter(events__isnull=True).count(),
        "cases_without_words": Case.objects.filter(words=None).count(),
        "gaps_in_timelines": counted.filter(~Q(events=F("last")) | ~Q(first=1)).count(),
        "notes_on_other_cases": Case.objects.filter(notes__isnull=False).exclude(notes__event__case_id=F("pk")).count(),
    }


def _drift(*, full: bool) -> dict[str, Any]:
    cases = Case.objects.order_by("-updated_at", "-pk")
    ids = list(cases.values_list("pk", flat=True) if full else cases.values_list("pk", flat=True)[:RECENT])
    lines = [
        line
        for start in range(0, len(ids), conf.chunk_size())
        for line in drift(Case.objects.filter(pk__in=ids[start : start + conf.chunk_size()]))
    ]
    return {"checked": len(ids), "differences": len(lines), "first": lines[:10]}


def _sweep(now: datetime) -> dict[str, Any]:
    beat = Heartbeat.objects.filter(name="sweep").first()
    return {"last": beat.at.isoformat() if beat else None, "age_seconds": _age(beat, now)}


def _age(beat: Heartbeat | None, now: datetime) -> int | None:
    return round((now - beat.at).total_seconds()) if beat else None


def _outbox_problems(outboxes: dict[str, Any]) -> list[str]:
    problems = [
        f"{name}: {box['depth']} due, the oldest for {box['age_seconds']} s; is a worker running?"
        for name, box in outboxes.items()
        if box["age_seconds"] > PATIENCE.total_seconds()
    ]
    return problems + [f"{name}: {box['dead']} failed for good" for name, box in outboxes.items() if box["dead"]]


def _state_problems(found: dict[str, Any]) -> list[str]:
    problems = [f"{name}: {count}" for name, count in found["orphans"].items() if count]
    if found["drift"]["differences"]:
        problems.append(f"drift: {found['drift']['differences']} differences between rows and events")
    return problems + files_problems(found["files"])


def _queue_problems(found: dict[str, Any]) -> list[str]:
    queue = found["queue"]
    if queue.get("background") == "manual":
        return []
    if not queue["reachable"]:
        return ["queue: Redis is not reachable"]
    return [f"queue {name}: no worker" for name, state in queue["queues"].items() if not state["workers"]]
