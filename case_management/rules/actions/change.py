"""Actions that change cases by one operation each: the same for all of them, refusals in the trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from case_management import operations
from case_management.domain.actor import Actor
from case_management.domain.states import waiting_choices
from case_management.exceptions import NothingToChange
from case_management.models import CaseType, NoteSubject, Priority, Tag, Topic
from case_management.operations import Outcome
from case_management.rules.actions.base import Action, Firing, KeyField, actions


class Change(Action):
    """Base of what changes cases in one batch. A case that cannot be changed is left alone, and the trace says why."""

    #: The key under which it is registered; it stands in the trace.
    key: ClassVar[str]

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """Change the cases of these firings by an operation."""
        raise NotImplementedError

    @classmethod
    def act(cls, firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """All in one batch."""
        concerned = [firing for firing in firings if firing.case]
        if not concerned:
            return
        outcome = cls.carry_out(concerned, parameters, by)
        note_outcome(cls.key, concerned, outcome)


def note_outcome(key: str, firings: Sequence[Firing], outcome: Outcome) -> None:
    """Write into each trace whether the case was changed, or why not."""
    refused = {refusal.case_id: refusal.error for refusal in outcome.refused}
    for firing in firings:
        error = refused.get(firing.case.pk) if firing.case else None
        changed = firing.case is not None and firing.case.pk in outcome.done
        idle = isinstance(error, NothingToChange)
        why = {} if error is None else {"idle" if idle else "refused": str(error)}
        firing.note({"action": key, "changed": changed, **why})


def ids_of(firings: Sequence[Firing]) -> list[int]:
    """Primary keys of the cases."""
    return [firing.case.pk for firing in firings if firing.case]


@actions.registered("set_topic")
class SetTopic(Change):
    """Another topic for open cases."""

    key, label = "set_topic", _("Set the topic")

    class Parameters(forms.Form):
        """``topic``: its key."""

        topic = KeyField(Topic.objects.active().order_by("path"), required=True, label=_("Topic"))

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``change_topics``."""
        return operations.change_topics(ids_of(cases), topic=parameters["topic"], by=by)


@actions.registered("set_type")
class SetType(Change):
    """Another case type for open cases."""

    key, label = "set_type", _("Set the case type")

    class Parameters(forms.Form):
        """``case_type``: its key."""

        case_type = KeyField(CaseType.objects.active(), required=True, label=_("Case type"))

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``change_case_types``."""
        return operations.change_case_types(ids_of(cases), case_type=parameters["case_type"], by=by)


@actions.registered("set_priority")
class SetPriority(Change):
    """Another priority for open cases; the time to resolve follows."""

    key, label = "set_priority", _("Set the priority")

    class Parameters(forms.Form):
        """``priority``: its key."""

        priority = KeyField(Priority.objects.active(), required=True, label=_("Priority"))

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``change_priorities``."""
        return operations.change_priorities(ids_of(cases), priority=parameters["priority"], by=by)


@actions.registered("untag")
class Untag(Change):
    """Take tags off."""

    key, label = "untag", _("Take tags off")

    class Parameters(forms.Form):
        """``tags``: keys of tags."""

        tags = forms.ModelMultipleChoiceField(Tag.objects.all(), to_field_name="key", label=_("Tags"))

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``tag_cases``."""
        return operations.tag_cases(ids_of(cases), remove=list(parameters["tags"]), by=by)


@actions.registered("flag")
class Flag(Change):
    """Raise the flag that everybody sees."""

    key, label = "flag", _("Flag for everybody")

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``flag_cases``."""
        return operations.flag_cases(ids_of(cases), by=by)


@actions.registered("unflag")
class Unflag(Change):
    """Take that flag down."""

    key, label = "unflag", _("Remove the flag for everybody")

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``unflag_cases``."""
        return operations.unflag_cases(ids_of(cases), by=by)


@actions.registered("note")
class Note(Change):
    """Write an internal note; it calls on nobody."""

    key, label = "note", _("Add a note")

    class Parameters(forms.Form):
        """``text``, and the key of a ``subject`` of notes."""

        text = forms.CharField(
            min_length=10, max_length=4000, label=_("Text"), widget=forms.Textarea(attrs={"rows": 3})
        )
        subject = KeyField(NoteSubject.objects.active(), label=_("Subject"))

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``add_notes``."""
        return operations.add_notes(ids_of(cases), text=parameters["text"], subject=parameters["subject"], by=by)


@actions.registered("wait")
class Wait(Change):
    """The case waits for somebody."""

    key, label = "wait", _("Put on hold")

    class Parameters(forms.Form):
        """``waiting_for``: customer or third_party."""

        waiting_for = forms.ChoiceField(choices=waiting_choices, label=_("Waiting for"))

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``wait_cases``."""
        return operations.wait_cases(ids_of(cases), waiting_for=parameters["waiting_for"], by=by)


@actions.registered("snooze")
class Snooze(Change):
    """Out of the way for so many hours, or until the customer writes."""

    key, label = "snooze", _("Snooze")

    class Parameters(forms.Form):
        """``hours`` from now."""

        hours = forms.IntegerField(min_value=1, max_value=24 * 90, label=_("Hours"))

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``snooze_cases``."""
        until = by.moment() + timedelta(hours=parameters["hours"])
        return operations.snooze_cases(ids_of(cases), until=until, by=by)


@actions.registered("unassign")
class Unassign(Change):
    """Nobody is responsible any more."""

    key, label = "unassign", _("Take the assignee off")

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``unassign_cases``."""
        return operations.unassign_cases(ids_of(cases), by=by)


@actions.registered("assign_to")
class AssignTo(Change):
    """One person becomes responsible, also where somebody else was."""

    key, label = "assign_to", _("Assign to a person")

    class Parameters(forms.Form):
        """``user``: a user name."""

        user = KeyField(
            get_user_model()._default_manager.filter(is_active=True), key=get_user_model().USERNAME_FIELD,
            required=True, label=_("Person"),
        )  # fmt: skip

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``assign_cases``."""
        return operations.assign_cases(dict.fromkeys(ids_of(cases), parameters["user"].pk), by=by, strategy="rule")
