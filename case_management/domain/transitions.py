"""THE table: which verb may happen from which status, where it leads, whose right it is and what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.domain.states import ANY, DONE, OPEN, UNLOCKED, Status
from case_management.exceptions import TransitionNotAllowed


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table; ``target`` None means that the status stays."""

    verb: str
    label: Promise
    sources: tuple[Status, ...]
    target: Status | None
    permission: str
    needs: tuple[str, ...] = ()

    def leads_to(self, status: Status) -> Status:
        """The status after this step was taken from ``status``."""
        return self.target or status


TABLE: dict[str, Step] = {
    step.verb: step
    for step in (
        Step("open", _("Open"), (), Status.NEW, "add_case", ("title", "topic", "priority")),
        Step("start", _("Start"), (Status.NEW,), Status.IN_PROGRESS, "note_case"),
        Step("note", _("Add note"), UNLOCKED, None, "note_case", ("note",)),
        Step("reply", _("Reply"), UNLOCKED, None, "reply_case", ("recipients", "text")),
        Step("forward", _("Forward"), UNLOCKED, None, "forward_case", ("recipients", "text or details")),
        # Its writer may always stop it; anybody else needs the right to write one.
        Step("cancel_message", _("Stop a message"), ANY, None, "view_case", ("a message that has not left",)),
        Step("send_again", _("Send again"), UNLOCKED, None, "view_case", ("a message that failed",)),
        Step("record_sending", _("Record a sending"), ANY, None, "reply_case", ("a message",)),
        Step("receive", _("Receive a message"), OPEN, None, "reply_case", ("a message of the customer",)),
        Step("receive_internal", _("Receive an internal message"), ANY, None, "forward_case", ("a message",)),
        Step("assign", _("Assign"), OPEN, None, "assign_case", ("assignee",)),
        Step("unassign", _("Unassign"), OPEN, None, "assign_case"),
        Step("reroute", _("Re-route"), OPEN, None, "reroute_case", ("unit or team",)),
        Step("change_topic", _("Change topic"), OPEN, None, "change_case", ("topic",)),
        Step("change_type", _("Change type"), OPEN, None, "change_case", ("case type",)),
        Step("change_priority", _("Change priority"), OPEN, None, "change_case", ("priority",)),
        Step("change_deadline", _("Change deadline"), OPEN, None, "change_case"),
        Step("correct", _("Correct title, description or customer"), OPEN, None, "change_case", ("a new value",)),
        Step("set_fields", _("Set custom fields"), UNLOCKED, None, "change_case", ("values",)),
        Step("replace_entry", _("Merge an entry of a list"), ANY, None, "change_case", ("two entries of a list",)),
        Step("change_contact", _("Change the customer"), ANY, None, "change_contact", ("contact",)),
        Step("tag", _("Tag"), UNLOCKED, None, "tag_case", ("tags",)),
        Step("flag", _("Flag"), ANY, None, "flag_case"),
        Step("unflag", _("Remove flag"), ANY, None, "flag_case"),
        Step("snooze", _("Snooze"), OPEN, None, "wait_case", ("a moment in the future",)),
        Step("wake", _("Wake"), OPEN, None, "wait_case"),
        Step("attach", _("Add interaction"), OPEN, None, "note_case", ("interaction",)),
        Step("escalate", _("Escalate"), OPEN, None, "escalate_case", ("reason",)),
        Step("deescalate", _("Lower the escalation"), OPEN, None, "escalate_case", ("reason",)),
        Step("breach", _("Miss the deadline"), OPEN, None, "change_case"),
        Step("stop_rules", _("Stop rules that go in circles"), UNLOCKED, None, "change_case"),
        Step("recount", _("Count in the hours of today"), OPEN, None, "change_case"),
        Step("mark", _("Follow the clock"), OPEN, None, "change_case"),
        Step("wait", _("Wait"), (Status.NEW, Status.IN_PROGRESS), Status.WAITING, "wait_case", ("waiting for",)),
        Step("resume", _("Resume"), (Status.WAITING,), Status.IN_PROGRESS, "wait_case"),
        Step(
            "resolve", _("Resolve"), OPEN, Status.RESOLVED, "resolve_case",
            ("closure reason", "note", "required tags", "resolution method and close channel where configured"),
        ),
        Step("reopen", _("Reopen"), DONE, Status.IN_PROGRESS, "reopen_case", ("reopen reason", "note")),
        Step("merge", _("Merge"), OPEN, Status.CLOSED, "merge_case", ("case to merge into",)),
        # The status that the case had before the merge comes back, and with it all that the merge changed.
        Step("unmerge", _("Take the merge back"), (Status.CLOSED,), None, "merge_case", ("a case that was merged",)),
        Step("split", _("Split"), UNLOCKED, None, "merge_case", ("title", "something that moves")),
        # A link is a remark on two cases: whoever may write on one and see the other may make it.
        Step("link", _("Link"), ANY, None, "note_case", ("another case", "what this one is to it")),
        Step("unlink", _("Remove link"), ANY, None, "note_case", ("link",)),
        # Whoever takes a change back needs the right of that change; see operations.undo_changes.
        Step("undo", _("Undo a wide change"), ANY, None, "view_case"),
        Step("close", _("Close"), (Status.RESOLVED,), Status.CLOSED, "close_case"),
    )
}  # fmt: skip


def possible_from(status: Status) -> list[Step]:
    """Every step that a case in ``status`` may take, in the order of the table."""
    return [step for step in TABLE.values() if status in step.sources]


def require(verb: str, status: Status) -> Step:
    """The step for ``verb``, or TransitionNotAllowed that says which steps there are."""
    step = TABLE[verb]
    if status not in step.sources:
        raise TransitionNotAllowed(
            str(_refusal(step, status)), verb=verb, status=str(status), possible=[s.verb for s in possible_from(status)]
        )
    return step


def _refusal(step: Step, status: Status) -> str:
    from_there = ", ".join(str(source.label) for source in step.sources)
    return str(_("“%(verb)s” is not possible while the case is %(status)s; it is possible when: %(sources)s.")) % {
        "verb": step.label,
        "status": str(status.label).lower(),
        "sources": from_there.lower(),
    }
