"""The form that sets a case's tags, category by category."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.models import Case, Tag
from case_management.operations import tag_case
from case_management.ui.forms.base import OperationForm, Place
from case_management.ui.forms.desk import TagGroup


class TagsForm(OperationForm):
    """Checkboxes; only what a person ticked or cleared changes, so two people at once both get their way."""

    slug, verbs = "tag", ("tag",)
    title, submit, done = gettext_lazy("Tags"), gettext_lazy("Save tags"), gettext_lazy("Tags saved.")
    place = Place.SECTION

    #: The tags that were ticked when the form was shown.
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def start_values(self) -> dict[str, Any]:
        """The tags there are."""
        return {"shown": ",".join(str(pk) for pk in sorted(self.desk.own_tags))}

    def arrange(self) -> None:
        """One field per category."""
        for group in self.desk.tag_groups:
            self.fields[field_name(group)] = tags_field(group, ticked=self.desk.own_tags)

    def operate(self, case: Case, by: Actor) -> None:
        """Tag and untag in one step."""
        fields = [field_name(group) for group in self.desk.tag_groups]
        chosen = {int(pk) for name in fields for pk in self.cleaned_data[name]}
        shown = {int(pk) for pk in self.cleaned_data["shown"].split(",") if pk.isdigit()}
        tags = Tag.objects.in_bulk(chosen ^ shown)
        tag_case(
            case,
            add=[tags[pk] for pk in chosen - shown if pk in tags],
            remove=[tags[pk] for pk in shown - chosen if pk in tags],
            by=by,
        )


def field_name(group: TagGroup) -> str:
    """How the field of a category is called in a form."""
    return f"tags_{group.pk}"


def tags_field(group: TagGroup, *, ticked: set[int] | frozenset[int] = frozenset()) -> forms.MultipleChoiceField:
    """Checkboxes for the tags of one category."""
    return forms.MultipleChoiceField(
        choices=group.tags,
        label=group.name,
        required=False,
        initial=[pk for pk, _name in group.tags if pk in ticked],
        help_text=_("Required before the case is resolved.") if group.is_required else "",
        widget=forms.CheckboxSelectMultiple,
    )
