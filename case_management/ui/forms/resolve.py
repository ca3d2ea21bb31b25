"""The form that resolves a case: reason, note, and what the case's type asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseResolved
from case_management.models import Case, CloseChannel, ClosureReason, NoteSubject, ResolutionMethod, Tag
from case_management.operations import Resolution, resolve_case, tag_case
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.desk import TagGroup
from case_management.ui.forms.note import note_help
from case_management.ui.forms.refusal import EntryField, text_area
from case_management.ui.forms.tags import field_name, tags_field


class ResolveForm(OperationForm):
    """Everything that the gate asks for, in one place: a tag that is still missing can be given here too."""

    slug, verbs = "resolve", ("resolve",)
    title, submit, done = _("Resolve"), _("Save and resolve"), _("Case resolved.")

    closure_reason = EntryField(ClosureReason.objects.all(), label=_("Closure reason"))
    note = forms.CharField(label=_("What was done"), widget=text_area())
    method = EntryField(ResolutionMethod.objects.all(), label=_("Resolution method"), required=False)
    channel = EntryField(CloseChannel.objects.all(), label=_("Close channel"), required=False)
    subject = EntryField(NoteSubject.objects.all(), label=_("Note subject"), required=False)

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

    def _missing(self) -> list[TagGroup]:
        """Required categories of which the case has no tag yet."""
        own = self.desk.own_tags
        groups = (group for group in self.desk.tag_groups if group.is_required)
        return [group for group in groups if own.isdisjoint(pk for pk, _name in group.tags)]

    def operate(self, case: Case, by: Actor) -> None:
        """Put the missing tags on, then resolve."""
        self.require_unchanged(case, [CaseResolved()])
        chosen = [int(pk) for group in self.missing for pk in self.cleaned_data[field_name(group)]]
        if chosen:
            tag_case(case, add=list(Tag.objects.filter(pk__in=chosen)), by=by)
        resolve_case(case, resolution(self.cleaned_data), by=by)

    def gates(self) -> dict[str, str]:
        """The operation names tag categories by their number."""
        return {f"tag:{group.pk}": field_name(group) for group in self.missing}


def resolution(cleaned: dict[str, Any]) -> Resolution:
    """The decision that the fields of this form add up to."""
    return Resolution(
        reason=cleaned["closure_reason"],
        note=cleaned["note"],
        method=cleaned["method"],
        channel=cleaned["channel"],
        subject=cleaned.get("subject"),
    )
