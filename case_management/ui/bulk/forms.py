"""What each wide change asks for, once for all its cases; a form's arguments are plain keys and texts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_to
from case_management.exceptions import CaseManagementError
from case_management.models import (
    CaseType,
    CloseChannel,
    ClosureReason,
    Membership,
    NoteSubject,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Tag,
    TagCategory,
    Team,
    Topic,
    Unit,
)
from case_management.operations.gate import checked_note
from case_management.tabular import FORMATS
from case_management.timeline.names import person
from case_management.ui.bulk.base_form import BulkForm
from case_management.ui.bulk.field_form import FieldForm
from case_management.ui.forms.moment import MomentField
from case_management.ui.forms.note import note_help
from case_management.ui.forms.refusal import EntryField, text_area

#: More people than this are not offered in one list; they are the first by name.
MOST_PEOPLE = 500


def _named(tag: Tag) -> tuple[int, str]:
    return tag.pk, f"{tag.category.name}: {tag.name}"


class AssignForm(BulkForm):
    """One person for all."""

    assignee = EntryField(get_user_model()._default_manager.none(), label=gettext_lazy("Assignee"))

    def arrange(self) -> None:
        """People whose role lets them resolve cases somewhere; where they may not see a case, it is refused."""
        held = Membership.objects.filter(role__permissions__codename="resolve_case").values("user")
        able = Q(pk__in=held) | Q(pk=self.user.pk)
        people = get_user_model()._default_manager.filter(able, is_active=True)
        field, me = self.choice("assignee"), self.user.pk
        field.queryset = people
        others = [(user.pk, person(user)) for user in people[:MOST_PEOPLE] if user.pk != me]
        field.offer([(me, _("Me (%s)") % person(self.user)), *sorted(others, key=lambda pair: pair[1].casefold())])


class RerouteForm(BulkForm):
    """Unit and team; at least one."""

    unit = EntryField(
        Unit.objects.none(), label=gettext_lazy("Unit"), required=False,
        help_text=gettext_lazy("The assignee is taken off when a case moves."),
    )  # fmt: skip
    team = EntryField(Team.objects.active(), label=gettext_lazy("Team"), required=False)

    def arrange(self) -> None:
        """Units in which the person may re-route."""
        units = self.desk.units("reroute_case")
        self.choice("unit").queryset = units
        self.choice("unit").offer([(row.pk, row.indented()) for row in units])
        self.offer("team")

    def clean(self) -> dict[str, Any]:
        """Somewhere the cases must go."""
        if not self.errors and not (self.cleaned_data["unit"] or self.cleaned_data["team"]):
            raise ValidationError(_("Choose the unit or the team that the cases go to."))
        return self.cleaned_data


class TopicForm(BulkForm):
    """One topic for all."""

    topic = EntryField(Topic.objects.filter(is_active=True), label=gettext_lazy("Topic"))

    def arrange(self) -> None:
        """The active topics."""
        self.choice("topic").offer(self.desk.topics)


class TypeForm(BulkForm):
    """One type for all."""

    case_type = EntryField(CaseType.objects.active(), label=gettext_lazy("Case type"))

    def arrange(self) -> None:
        """The active types."""
        self.offer("case_type")


class PriorityForm(BulkForm):
    """One priority for all."""

    priority = EntryField(Priority.objects.active(), label=gettext_lazy("Priority"))

    def arrange(self) -> None:
        """The active priorities."""
        self.offer("priority")


class TagForm(BulkForm):
    """Tags to put on, and tags to take off."""

    add = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Put on"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    remove = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Take off"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def arrange(self) -> None:
        """Active tags; those that are no longer offered can still be taken off."""
        tags = list(Tag.objects.select_related("category"))
        self.fields["add"].choices = [_named(tag) for tag in tags if tag.is_active]  # type: ignore[attr-defined]
        self.fields["remove"].choices = [_named(tag) for tag in tags]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Something has to change, and not both ways."""
        if self.errors:
            return self.cleaned_data
        add, remove = set(self.cleaned_data["add"]), set(self.cleaned_data["remove"])
        if not add | remove:
            raise ValidationError(_("Choose at least one tag."))
        if add & remove:
            raise ValidationError(_("A tag cannot be put on and taken off at once."))
        return self.cleaned_data


class SnoozeForm(BulkForm):
    """One moment for all."""

    until = MomentField(label=gettext_lazy("Until"))


class NoteForm(BulkForm):
    """Base of the forms with a note that every case gets."""

    note = forms.CharField(label=gettext_lazy("Note"), widget=text_area())

    def arrange(self) -> None:
        """Say how long the note has to be."""
        self.fields["note"].help_text = note_help(self.desk.settings.note_min_length)

    def clean_note(self) -> str:
        """Long enough for the gate."""
        try:
            checked_note(self.cleaned_data["note"], least=self.desk.settings.note_min_length)
        except CaseManagementError as error:
            raise ValidationError(error.message) from error
        return str(self.cleaned_data["note"])


class ResolveForm(NoteForm):
    """The gate, asked once; each case meets it by itself."""

    closure_reason = EntryField(ClosureReason.objects.active(), label=gettext_lazy("Closure reason"))
    method = EntryField(ResolutionMethod.objects.active(), label=gettext_lazy("Resolution method"), required=False)
    channel = EntryField(CloseChannel.objects.active(), label=gettext_lazy("Close channel"), required=False)
    subject = EntryField(NoteSubject.objects.active(), label=gettext_lazy("Note subject"), required=False)
    tags = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Tags for cases that need one and have none"), required=False, coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    field_order = ("closure_reason", "note", "method", "channel", "subject", "tags")

    def arrange(self) -> None:
        """Lists, and tags of the categories that the chosen cases' types require."""
        super().arrange()
        self.fields["note"].label = _("What was done")
        self.offer("closure_reason", "method", "channel", "subject")
        types = self.cases.order_by().values("case_type")
        needed = TagCategory.objects.filter(is_active=True, required_for__in=types).values("pk")
        rows = Tag.objects.filter(is_active=True, category__in=needed).select_related("category")
        choices = [_named(tag) for tag in rows]
        if choices and self.user.has_perm("case_management.tag_case"):
            self.fields["tags"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["tags"]


class ReopenForm(NoteForm):
    """Why all of them are taken up again."""

    reopen_reason = EntryField(ReopenReason.objects.active(), label=gettext_lazy("Reopen reason"))
    field_order = ("reopen_reason", "note")

    def arrange(self) -> None:
        """The reasons."""
        super().arrange()
        self.offer("reopen_reason")


class MergeForm(BulkForm):
    """The case in which it goes on, by its reference."""

    into = forms.CharField(
        label=gettext_lazy("Reference of the case that stays"), max_length=12,
        help_text=gettext_lazy(
            "It keeps the earliest deadline of all. The others are closed and say where they went."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "cm-bulk-chosen"}),
    )  # fmt: skip

    def clean_into(self) -> Any:
        """A case that the person may see; whether it can take the others is said by the preview."""
        reference = self.cleaned_data["into"].strip().upper()
        found = visible_to(self.user).filter(reference=reference).first()
        if found is None:
            raise ValidationError(_("There is no case %s that you may see.") % reference)
        return found


class ExportForm(BulkForm):
    """The format of the file."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=[(known.key, known.label) for known in FORMATS.values()]
    )


#: Key of an action → its form; those that are not here ask for nothing.
FORMS: dict[str, type[BulkForm]] = {
    "assign": AssignForm,
    "reroute": RerouteForm,
    "set_topic": TopicForm,
    "set_type": TypeForm,
    "set_priority": PriorityForm,
    "set_field": FieldForm,
    "tag": TagForm,
    "snooze": SnoozeForm,
    "resolve": ResolveForm,
    "reopen": ReopenForm,
    "merge": MergeForm,
    "export": ExportForm,
}
