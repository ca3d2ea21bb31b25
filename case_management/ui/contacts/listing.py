"""The list of contacts: those that the reader may see, by name, or those that a text finds."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.access import ContactReach
from case_management.ui.contacts.facts import lines
from case_management.ui.contacts.finding import MOST, find_contacts, tidy
from case_management.ui.contacts.turning import turned
from case_management.ui.paging import Order
from case_management.ui.reader import Reader
from case_management.ui.shell import Page

_BY_NAME = Order(("name", "id"))


class ContactsPage(Page):
    """Search, and the way to each contact's page."""

    template_name = "case_management/contacts/list.html"
    permission_required = "case_management.view_contact"
    section = "contacts"
    page_title = _("Contacts")
    icon = "group"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of contacts, or what was found."""
        sight = ContactReach.of(self.request.user, Reader.of(self.request.user).reach)
        contacts = sight.contacts().prefetch_related("points")
        text = tidy(self.request.GET.get("q", ""))
        context: dict[str, Any] = {"text": text, "most": MOST}
        if text:
            found = find_contacts(contacts, text, MOST + 1)
            context |= {"lines": lines(found[:MOST], sight.cases), "has_more": len(found) > MOST}
        else:
            page = turned(contacts, _BY_NAME, self.request.GET)
            context |= {"lines": lines(page.rows, sight.cases), "turned": page}
        return super().get_context_data(**kwargs) | context
