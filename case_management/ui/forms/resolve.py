"""The form that resolves a case: reason, note, and what the case's type asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseResolved
from case_management.models import Case, CloseChannel, ClosureReason, NoteSubject, ResolutionMethod, Tag
from case_management.operations import Resolution, resolve_case, set_custom_fields, tag_case
from case_management.operations.custom_book import missing_fields
from case_management.ui.forms import custom
from case_management.ui.forms.base import Place
from case_management.ui.forms.desk import Desk, TagGroup
from case_management.ui.forms.guard import GuardedAgainstNews
from case_management.ui.forms.note import note_help
from case_management.ui.forms.refusal import EntryField, text_area
from case_management.ui.forms.tags import field_name, tags_field


class ResolveForm(GuardedAgainstNews):
    """Everything that the gate asks for, in one place: a tag that is still missing can be given here too."""

    slug, verbs = "resolve", ("resolve",)
    title, submit, done = _("Resolve"), _("Save and resolve"), _("Case resolved.")
    place, shortcut, anyway = Place.TAB, "e", _("Resolve anyway")

    closure_reason = EntryField(ClosureReason.objects.all(), label=_("Closure reason"))
    note = forms.CharField(label=_("What was done"), widget=text_area())
    method = EntryField(ResolutionMethod.objects.all(), label=_("Resolution method"), required=False)
    channel = EntryField(CloseChannel.objects.all(), label=_("Close channel"), required=False)
    subject = EntryField(NoteSubject.objects.all(), label=_("Note subject"), required=False)

    def __init__(self, data: Any = None, *, desk: Desk) -> None:
        super().__init__(_taken_over(data), desk=desk)

    @property
    def advances(self) -> bool:
        """The next one may come."""
        return True

    def arrange(self) -> None:
        """Ask for what the case type requires."""
        case_type = self.case.case_type
        self.fields["method"].required = bool(case_type and case_type.requires_resolution_method)
        self.fields["channel"].required = bool(case_type and case_type.requires_close_channel)
        for name in ("closure_reason", "method", "channel", "subject"):
            self.choice(name).offer(self.desk.entries(name))
        self.fields["note"].help_text = note_help(self.desk.settings.note_min_length)
        self.missing = self._missing() if "tag_case" in self.desk.rights else []
        for group in self.missing:
            self.fields[field_name(group)] = tags_field(group)
        self._ask_for_custom()

    def _ask_for_custom(self) -> None:
        """Required fields that are empty can be filled in here."""
        lacking = missing_fields(self.desk.custom, self.case, to="resolve") if "change_case" in self.desk.rights else {}
        self.lacking = [one for one in self.desk.custom.active if f"custom.{one.key}" in lacking]
        for one in self.lacking:
            self.fields[custom.name_of(one)] = custom.field_for(one, self.desk, required=True)

    def _missing(self) -> list[TagGroup]:
        """Required categories of which the case has no tag yet."""
        own = self.desk.own_tags
        groups = (group for group in self.desk.tag_groups if group.is_required)
        return [group for group in groups if own.isdisjoint(pk for pk, _name in group.tags)]

    def operate(self, case: Case, by: Actor) -> None:
        """Put the missing tags on and fill in the missing fields, then resolve."""
        self.require_unchanged(case, [CaseResolved()])
        self.prepare(case, by)
        resolve_case(case, resolution(self.cleaned_data), by=by)

    def prepare(self, case: Case, by: Actor) -> None:
        """Give the case what it lacks."""
        chosen = [int(pk) for group in self.missing for pk in self.cleaned_data[field_name(group)]]
        if chosen:
            tag_case(case, add=list(Tag.objects.filter(pk__in=chosen)), by=by)
        if self.lacking:
            given = custom.values_of(self.cleaned_data, map(custom.name_of, self.lacking))
            set_custom_fields(case, given, by=by)

    def gates(self) -> dict[str, str]:
        """The operation names tag categories by their number."""
        tags = {f"tag:{group.pk}": field_name(group) for group in self.missing}
        return {**tags, **custom.gates_of(self.lacking)}


def _taken_over(data: Any) -> Any:
    """What somebody wrote as a note, before they pressed “Save and resolve”, is the note of the resolution."""
    if data is None or "text" not in data or "note" in data:
        return data
    taken = data.copy()
    taken["note"] = data["text"]
    return taken


def resolution(cleaned: dict[str, Any]) -> Resolution:
    """The decision that the fields of this form add up to."""
    return Resolution(
        reason=cleaned["closure_reason"],
        note=cleaned["note"],
        method=cleaned["method"],
        channel=cleaned["channel"],
        subject=cleaned.get("subject"),
    )
