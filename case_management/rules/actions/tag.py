"""Tag cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Tag
from case_management.operations import tag_cases
from case_management.rules.actions.base import Action, Firing, actions


@actions.registered("tag")
class TagCases(Action):
    """Put tags on; a case that has them already is left alone."""

    label = _("Tag")

    class Parameters(forms.Form):
        """``tags``: keys of active tags."""

        tags = forms.ModelMultipleChoiceField(Tag.objects.active(), to_field_name="key", label=_("Tags"))

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Tag all in one batch."""
        tags = list(parameters["tags"])
        concerned = [firing for firing in firings if firing.case]
        outcome = tag_cases([firing.case.pk for firing in concerned if firing.case], add=tags, by=by)
        done = set(outcome.done)
        for firing in concerned:
            tagged = firing.case is not None and firing.case.pk in done
            firing.note({"action": "tag", "tags": [tag.key for tag in tags], "changed": tagged})
