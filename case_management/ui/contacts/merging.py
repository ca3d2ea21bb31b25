"""The pages on which two contacts of one person become one, and are parted again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, RightMissing
from case_management.models import Contact
from case_management.operations import merge_contacts, part_contacts
from case_management.ui.contacts.base import OfContact
from case_management.ui.contacts.facts import Line, lines, points_of
from case_management.ui.contacts.finding import find_contacts, suspects, tidy

#: A search for the other one shows so many.
MOST = 12


@dataclass(frozen=True)
class Preview:
    """What would move; both ids and both links keep leading to the survivor."""

    other: Contact
    cases: int
    interactions: int
    emails: list[str]
    phones: list[str]
    ids: tuple[str, ...]
    links: int


class _Merging(OfContact):
    """For those alone who may merge: everybody else learns nothing but that."""

    http_method_names = ["get", "head", "post", "options"]

    def require(self) -> Contact:
        """The contact of the address; 404 before 403, so that a refusal says nothing of what there is."""
        contact = self.contact
        if not self.sight.may_merge:
            raise PermissionDenied(
                _("Merging changes customers of every branch: it needs the right “change_contact” everywhere.")
            )
        return contact


class MergeContactPage(_Merging):
    """Without ``other`` it asks for it; with it, it shows what would move; a POST does it."""

    template_name = "case_management/contacts/merge.html"

    def get_page_title(self) -> str:
        """Into whom."""
        return _("Merge another contact into %s") % self.contact

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Search, or preview."""
        self.require()
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Suspects and hits to choose from, or the preview."""
        contact, asked = self.contact, self.request.GET
        context: dict[str, Any] = {"contact": contact, "text": tidy(asked.get("q", "")), **kwargs}
        if "other" in asked:
            context["preview"] = preview(contact, self._other(asked["other"]))
        else:
            context |= {
                "suspects": self._lines(suspects(contact, self._others())),
                "found": self._find(context["text"]),
            }
        return super().get_context_data(**context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let the other one give way."""
        contact = self.require()
        other = self._other(request.POST.get("other", ""))
        try:
            merge_contacts(other, into=contact, by=Actor.from_user(request.user))
        except RightMissing as error:
            raise PermissionDenied(error.message) from error
        except CaseManagementError as error:
            messages.error(request, error.message)
            return redirect(self.shell.reverse("contact_merge", contact.pk))
        messages.success(request, _("%(other)s was merged into %(contact)s.") % {"other": other, "contact": contact})
        return redirect(self.shell.reverse("contact", contact.pk))

    def _others(self) -> Any:
        return self.sight.contacts().exclude(pk=self.contact.pk)

    def _other(self, pk: str) -> Contact:
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            raise Http404
        found: Contact = get_object_or_404(self._others().prefetch_related("points"), pk=int(pk))
        return found

    def _find(self, text: str) -> list[Line]:
        return self._lines(find_contacts(self._others().prefetch_related("points"), text, MOST)) if text else []

    def _lines(self, contacts: list[Contact]) -> list[Line]:
        return lines(contacts, self.sight.cases)


def preview(contact: Contact, other: Contact) -> Preview:
    """What would happen if ``other`` gave way; two queries, the points of both being read already."""
    known = {(point.kind, point.normalised) for point in contact.points.all()}
    emails, phones = points_of(other)
    fresh = {point.value for point in other.points.all() if (point.kind, point.normalised) not in known}
    return Preview(
        other,
        other.cases.count(),
        other.interactions.count(),
        [value for value in emails if value in fresh],
        [value for value in phones if value in fresh],
        tuple(each.external_id for each in (contact, other) if each.external_id),
        sum(bool(each.customer_id) for each in (contact, other)),
    )


class PartContactsPage(_Merging):
    """Takes one merge into this contact back."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A merge into another contact is not there."""
        contact = self.require()
        merge = get_object_or_404(contact.merges.select_related("merged"), pk=kwargs["merge"])
        try:
            part_contacts(merge, by=Actor.from_user(request.user))
        except RightMissing as error:
            raise PermissionDenied(error.message) from error
        except CaseManagementError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("%s stands for itself again.") % merge.merged)
        return redirect(self.shell.reverse("contact", contact.pk))
