"""The base of a contact's pages: which contact it is, and what of it the reader may see."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from case_management.access import ContactReach
from case_management.models import Contact, ContactMerge
from case_management.ui.reader import Reader
from case_management.ui.shell import Crumb, Page


class OfContact(Page):
    """A page about one contact; one that the reader may not see does not exist for them."""

    permission_required = "case_management.view_contact"
    section = "contacts"
    icon = "user"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A merged contact's address leads to the one that stands for it."""
        if request.user.has_perm(self.permission_required) and (into := self._signpost()):
            return redirect(self.shell.reverse("contact", into))
        return super().dispatch(request, *args, **kwargs)

    def _signpost(self) -> int | None:
        if self._found is not None:
            return None
        led = Contact.objects.filter(pk=self.kwargs["pk"]).order_by().values("merged_into")
        into: int | None = self.sight.contacts().filter(pk__in=led).values_list("pk", flat=True).first()
        return into

    @cached_property
    def sight(self) -> ContactReach:
        """What the reader may see of customers."""
        return ContactReach.of(self.request.user, Reader.of(self.request.user).reach)

    @cached_property
    def _found(self) -> Contact | None:
        merges = ContactMerge.objects.filter(survivor=OuterRef("pk"), undone_at=None)
        known = self.sight.contacts().annotate(cm_has_merges=Exists(merges)).prefetch_related("points", "tags")
        found: Contact | None = known.filter(pk=self.kwargs["pk"]).first()
        return found

    @property
    def contact(self) -> Contact:
        """The contact of the address."""
        if self._found is None:
            raise Http404(_("There is no such contact, or you may not see it."))
        return self._found

    @property
    def cases(self) -> Any:
        """Those of the contact's cases that the reader may see."""
        return self.sight.cases.filter(contact=self.contact)

    def get_page_title(self) -> str:
        """The name."""
        return str(self.contact)

    def get_crumbs(self) -> list[Crumb]:
        """Under the list of contacts."""
        return [
            Crumb(_("Cases"), self.shell.reverse("list")),
            Crumb(_("Contacts"), self.shell.reverse("contacts")),
            *self.crumbs_here(),
        ]

    def crumbs_here(self) -> list[Crumb]:
        """The contact, and the page below it."""
        step = self.get_page_title()
        own = str(self.contact)
        here = [] if step == own else [Crumb(step)]
        return [Crumb(own, self.shell.reverse("contact", self.contact.pk) if here else ""), *here]
