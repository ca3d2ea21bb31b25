"""The forms that link a case to another one and take a link away."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.domain.relations import relation_choices
from case_management.models import Case, CaseLink
from case_management.operations import link_cases, unlink_cases
from case_management.ui.forms.base import OperationForm, Place
from case_management.ui.forms.case_choice import CaseField


class LinkForm(OperationForm):
    """What this case is to which other one."""

    slug, verbs = "link", ("link",)
    title, submit, done = _("Link"), _("Link the cases"), _("The cases are linked.")
    rare = True

    relation = forms.ChoiceField(label=_("This case is"), choices=relation_choices)
    to = CaseField(label=_("Reference of the other case"))

    def arrange(self) -> None:
        """Suggest the customer's other cases."""
        field = self.fields["to"]
        assert isinstance(field, CaseField)  # noqa: S101 - tells the type checker
        field.offer(self.desk.visible, self.desk.beside)

    def operate(self, case: Case, by: Actor) -> None:
        """Link."""
        link_cases(case, to=self.cleaned_data["to"], relation=self.cleaned_data["relation"], by=by)


class UnlinkForm(OperationForm):
    """One button beside each link."""

    slug, verbs = "unlink", ("unlink",)
    title, submit, done = _("Remove link"), _("Remove link"), _("The link is gone.")
    place = Place.SECTION

    link = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def operate(self, case: Case, by: Actor) -> None:
        """Take the link away; one that is not the case's own is refused like one that is gone."""
        unlink_cases(case, link=CaseLink(pk=self.cleaned_data["link"]), by=by)
