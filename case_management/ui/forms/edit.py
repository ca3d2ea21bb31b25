"""The form that edits what sorts an open case: topic, type, priority and deadline in one go."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.domain.events import DeadlineChanged, Event, PriorityChanged, TopicChanged, TypeChanged
from case_management.exceptions import NothingToChange
from case_management.models import Case, CaseType, Priority, Topic
from case_management.operations import change_case_type, change_deadline, change_priority, change_topic
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.moment import MomentField
from case_management.ui.forms.refusal import EntryField


class EditForm(OperationForm):
    """Each field that the person changed calls its operation; all of them in one transaction."""

    slug = "edit"
    verbs = ("change_topic", "change_type", "change_priority", "change_deadline")
    title, submit, done = gettext_lazy("Edit"), gettext_lazy("Save"), gettext_lazy("Changes saved.")

    topic = EntryField(Topic.objects.all(), label=gettext_lazy("Topic"), show_hidden_initial=True)
    case_type = EntryField(CaseType.objects.all(), label=gettext_lazy("Case type"), show_hidden_initial=True)
    priority = EntryField(Priority.objects.all(), label=gettext_lazy("Priority"), show_hidden_initial=True)
    deadline = MomentField(label=gettext_lazy("Deadline"), required=False, show_hidden_initial=True)

    def start_values(self) -> dict[str, Any]:
        """The case as it is."""
        case = self.case
        return {
            "topic": case.topic_id,
            "case_type": case.case_type_id,
            "priority": case.priority_id,
            "deadline": case.deadline,
        }

    def arrange(self) -> None:
        """Offer what is active; what the case has stays choosable."""
        self.fields["case_type"].required = self.case.case_type_id is not None
        self.choice("topic").offer(self.desk.topics, current=self.case.topic)
        for name in ("case_type", "priority"):
            self.choice(name).offer(self.desk.entries(name), current=getattr(self.case, name))
        self.fields["deadline"].help_text = _("Empty: only the time to resolve of the SLA counts.")

    def operate(self, case: Case, by: Actor) -> None:
        """Check all changes against what others did since, then make them."""
        changed = [name for name in CHANGES if name in self.changed_data]
        if not changed:
            raise NothingToChange(_("Nothing was changed."))
        self.require_unchanged(case, [PLANNED[name] for name in changed])
        for name in changed:
            CHANGES[name](case, self.cleaned_data[name], by)

    def rebase(self, case: Case) -> None:
        """Fields that the person left alone follow the case; those they changed keep their wish."""
        changed = set(self.changed_data)
        super().rebase(case)
        for name, value in self.start_values().items():
            now = self.fields[name].prepare_value(value)
            text = "" if now is None else str(now)
            self.data[self[name].html_initial_name] = text
            if name not in changed:
                self.data[name] = text


#: Only the fields that these touch matter, to tell whether somebody else changed the same.
PLANNED: dict[str, Event] = {
    "topic": TopicChanged(to=0),
    "case_type": TypeChanged(),
    "priority": PriorityChanged(to=0, rank=0),
    "deadline": DeadlineChanged(),
}
CHANGES: dict[str, Any] = {
    "topic": lambda case, value, by: change_topic(case, topic=value, by=by),
    "case_type": lambda case, value, by: change_case_type(case, case_type=value, by=by),
    "priority": lambda case, value, by: change_priority(case, priority=value, by=by),
    "deadline": lambda case, value, by: change_deadline(case, deadline=value, by=by),
}
