"""The page on which a contact's name and addresses are put right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, NothingToChange, RightMissing
from case_management.models import Tag
from case_management.operations import ContactFacts, correct_contact
from case_management.ui.contacts.base import OfContact
from case_management.ui.forms.refusal import RefusableForm, text_area

_LANGUAGE, _COUNTRY = 12, 80


class CorrectContactForm(RefusableForm):
    """One address per line; what the person saw travels with their wish."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=32)
    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=200, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses"), required=False, max_length=6000, widget=text_area(3),
        help_text=gettext_lazy("One per line. Whatever is said under one of them belongs to this contact."),
    )  # fmt: skip
    phones = forms.CharField(
        label=gettext_lazy("Phone numbers"), required=False, max_length=1000, widget=text_area(3),
        help_text=gettext_lazy("One per line, with + and the country's number before them."),
    )  # fmt: skip
    language = forms.CharField(label=gettext_lazy("Language"), required=False, max_length=_LANGUAGE)
    country = forms.CharField(label=gettext_lazy("Country"), required=False, max_length=_COUNTRY)
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.none(), label=gettext_lazy("Tags"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, facts: ContactFacts) -> None:
        initial = {
            "seen": facts.fingerprint(), "name": facts.name, "language": facts.language, "country": facts.country,
            "emails": "\n".join(facts.emails), "phones": "\n".join(facts.phones), "tags": facts.tags,
        }  # fmt: skip
        super().__init__(data, auto_id="cm-contact-%s", initial=initial, label_suffix="")
        offered = Tag.objects.filter(Q(is_active=True) | Q(pk__in=facts.tags)).select_related("category")
        self.fields["tags"].queryset = offered  # type: ignore[attr-defined]

    def facts(self) -> ContactFacts:
        """What was entered."""
        cleaned = self.cleaned_data
        emails, phones = (tuple(cleaned[name].splitlines()) for name in ("emails", "phones"))
        tags = tuple(sorted(tag.pk for tag in cleaned["tags"]))
        return ContactFacts(cleaned["name"], cleaned["language"], cleaned["country"], emails, phones, tags)

    def rebase(self, facts: ContactFacts) -> None:
        """A conflict was shown: what is sent next counts as written in the knowledge of the contact as it is."""
        self.data = self.data.copy()
        self.data["seen"] = facts.fingerprint()


class CorrectContactPage(OfContact):
    """A form with the present values; what others changed meanwhile is shown before it is overwritten."""

    template_name = "case_management/contacts/correct.html"
    http_method_names = ["get", "head", "post", "options"]

    def get_page_title(self) -> str:
        """Whose details."""
        return _("Correct %s") % self.contact

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form."""
        self._require()
        return self._show(CorrectContactForm(facts=ContactFacts.of(self.contact)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Write it, or show the form again with the reason why not."""
        self._require()
        contact = self.contact
        form = CorrectContactForm(request.POST, facts=ContactFacts.of(contact))
        if form.is_valid():
            try:
                correct_contact(contact, form.facts(), by=Actor.from_user(request.user), seen=form.cleaned_data["seen"])
                messages.success(request, _("The contact is corrected."))
            except RightMissing as error:
                raise PermissionDenied(error.message) from error
            except NothingToChange as error:
                messages.info(request, error.message)
            except CaseManagementError as error:
                form.refuse(error)
        if not form.errors:
            return redirect(self.shell.reverse("contact", contact.pk))
        return self._show(form, status=form.http_status)

    def _require(self) -> None:
        if not self.sight.may_correct(self.contact):
            raise PermissionDenied(_("Correcting a contact needs the right “change_contact” on one of its cases."))

    def _show(self, form: CorrectContactForm, *, status: int = 200) -> HttpResponse:
        present = None
        if status == 409:
            present = ContactFacts.of(self.contact)
            form.rebase(present)
        context = self.get_context_data(form=form, contact=self.contact, present=present)
        return self.render_to_response(context, status=status)
