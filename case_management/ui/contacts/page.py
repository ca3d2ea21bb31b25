"""The page of a contact: who it is, all cases, what was said, and how satisfied they were."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.bulk.actions import offered_to
from case_management.ui.contacts.base import OfContact
from case_management.ui.contacts.facts import (
    MOST_SAID,
    counts_of,
    merges_of,
    points_of,
    said_by,
    sayings,
)
from case_management.ui.contacts.satisfaction import charts
from case_management.ui.contacts.turning import turned
from case_management.ui.lists.leaves import leaf
from case_management.ui.lists.pills import pills
from case_management.ui.lists.question import Question
from case_management.ui.lists.rows import Scene
from case_management.ui.paging import Order
from case_management.ui.reader import Reader
from case_management.ui.timer import running_words

#: Values of ``status`` that are one click away.
SHORTCUTS = (
    ("", gettext_lazy("All")),
    ("open", gettext_lazy("Open")),
    ("overdue", gettext_lazy("Past due")),
    ("done", gettext_lazy("Resolved or closed")),
)
_LATEST = Order(("occurred_at", "id"), descending=True)


class ContactPage(OfContact):
    """The list's own rows and filters over the contact's cases, and beside them what else is known."""

    template_name = "case_management/contacts/contact.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the template shows."""
        contact = self.contact
        emails, phones = points_of(contact)
        counts = counts_of(self.cases)
        interactions = self.sight.interactions.filter(contact=contact)
        said = list(said_by(contact, self.sight).order_by("-occurred_at", "-pk")[: MOST_SAID + 1])
        return super().get_context_data(**kwargs) | {
            "contact": contact,
            "emails": emails,
            "phones": phones,
            "counts": counts,
            "said": sayings(said[:MOST_SAID]),
            "has_more_said": len(said) > MOST_SAID,
            "charts": charts(interactions),
            "merges": merges_of(contact),
            "may_correct": self.sight.may_correct(contact, cases_seen=counts.total),
            "may_merge": self.sight.may_merge,
            **self._list(),
        }

    def _list(self) -> dict[str, Any]:
        """The cases, as the list of cases shows them."""
        user, now = self.request.user, timezone.now()
        question = Question(self._asked(), self.cases, user, Reader.of(user))
        here = self._with_contact(question.query(panel=None))
        scene = Scene(user, now, question.sort, lambda: question.filters.custom, question.text)
        return {
            "question": question,
            "list_url": self.shell.reverse("contact", self.contact.pk),
            "query": self._with_contact(question.query(panel=None, view=None)),
            "all_filters": self._with_contact(question.query(panel="open", view=None)),
            "from_list": f"?{urlencode({'list': here})}",
            "sorts": [(sort, "" if sort is question.default_sort else sort.key) for sort in question.sorts],
            "shortcuts": [(label, question.query(status=key or None), key) for key, label in SHORTCUTS],
            "status": self.request.GET.get("status", ""),
            "hidden": question.hidden,
            "pills": pills(question),
            "errors": question.errors,
            "words": running_words(),
            "may_change": bool(offered_to(user)),
            **leaf(question, scene),
        }

    def _asked(self) -> QueryDict:
        """The question without the customer, who is given."""
        asked = self.request.GET.copy()
        asked.pop("contact", None)
        return asked

    def _with_contact(self, query: str) -> str:
        """The same question of the list of all cases."""
        return f"contact={self.contact.pk}" + (f"&{query}" if query else "")


class SaidPage(OfContact):
    """Everything that the contact said, the latest first."""

    template_name = "case_management/contacts/said.html"

    def get_page_title(self) -> str:
        """Whose words."""
        return _("What %s said") % self.contact

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of interactions."""
        page = turned(said_by(self.contact, self.sight), _LATEST, self.request.GET)
        context = {"contact": self.contact, "said": sayings(page.rows), "turned": page}
        return super().get_context_data(**kwargs) | context
