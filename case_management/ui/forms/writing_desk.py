"""What the forms that write mail read of a case: its latest messages, ways to end a letter, files that are not sent."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import CharField, F, IntegerField, QuerySet, Value

from case_management.models import Attachment, Case, Message, Preferences, Signature
from case_management.models.due import DueState
from case_management.models.message import MessageKind
from case_management.operations.conversation import Answer, answer_from, recent
from case_management.wordsmith.signatures import OWN, signatures_offered

#: Events that stopping a reply records, at most.
_STOPPING = 2


class WritingDesk:
    """One person writing on one case."""

    def __init__(self, case: Case, user: Any) -> None:
        self.case, self.user = case, user

    @cached_property
    def messages(self) -> list[Message]:
        """The case's latest messages, the latest first; one query."""
        return recent(self.case)

    def answer(self) -> Answer:
        """What an answer to the conversation is addressed with."""
        return answer_from(self.case, self.messages)

    def stopped(self) -> Message | None:
        """The person's own last reply, where they stopped it and nothing has happened on the case since."""
        here = (row for row in self.messages if row.case_id == self.case.pk)
        own = (row for row in here if row.author_id == self.user.pk and row.kind == MessageKind.REPLY)
        last = next(own, None)
        if last is None or last.delivery.state != DueState.CANCELLED or last.delivery.reason != "person":
            return None
        return last if last.event and self.case.version - last.event.seq <= _STOPPING else None

    def signatures(self) -> QuerySet[Signature]:
        """What a letter about the case may end with."""
        return signatures_offered(self.user, self.case)

    def ending(self, chosen: str) -> str:
        """The text of a choice."""
        if chosen == OWN:
            return Preferences.of(self.user).signature.strip()
        return str(self.signatures().get(pk=chosen).text).strip() if chosen else ""

    def unsent(self) -> Any:
        """Files that the person added and has not sent."""
        return Attachment.objects.filter(case=self.case, uploaded_by=self.user, message=None)

    def short_lists(self) -> list[QuerySet[Any, Any]]:
        """(kind, place, name, key) of what may be chosen, to be read along with the other short lists."""
        own = Preferences.objects.filter(user=self.user).exclude(signature="")
        return [
            _listed(self.signatures(), "signature", F("name"), F("nearness")),
            _listed(own, "own_signature", Value("", CharField())),
            _listed(self.unsent(), "unsent", F("name")),
        ]


def _listed(rows: Any, kind: str, name: Any, place: Any = None) -> Any:
    place = Value(0, IntegerField()) if place is None else place
    told = {"listed": Value(kind, CharField()), "place": place, "called": name, "key": F("pk")}
    return rows.order_by().annotate(**told).values_list(*told)
