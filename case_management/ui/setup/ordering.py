"""The page on which the entries of a list are put in order: by buttons, by the keyboard, or by dragging."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.bulk.ranks import follow_ranks
from case_management.exceptions import ValueUnknown
from case_management.models import Priority
from case_management.ui.setup.places import Move, may_order, move, places_of, right_to_order
from case_management.ui.setup.screens import SCREENS
from case_management.ui.shell import Crumb, Page

#: The buttons of a row: what they do, their sign, their name.
STEPS = (
    ("first", "⤒", gettext_lazy("To the top")),
    ("up", "↑", gettext_lazy("Up")),
    ("down", "↓", gettext_lazy("Down")),
    ("last", "⤓", gettext_lazy("To the end")),
)


class OrderPage(Page):
    """A POST moves one entry and comes back to it; nothing needs a script."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]  # type: ignore[misc]
    template_name = "case_management/setup/order.html"
    section = ""
    icon = "order"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Which list is meant, and the right that it takes."""
        super().setup(request, *args, **kwargs)
        screen = next((screen for screen in SCREENS if screen.name == kwargs["name"]), None)
        places = places_of(screen.model) if screen else None
        if places is None:
            raise Http404
        self.places, self.model = places, places.model
        self.permission_required = right_to_order(self.model)  # type: ignore[misc]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For those whose right reaches the whole list."""
        if request.user.has_perm(self.permission_required) and not may_order(request.user, self.model):
            raise PermissionDenied(str(_("Ask somebody who may change this list for everybody.")))
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        """Names the list."""
        return _("Order of %s") % self.model._meta.verbose_name_plural

    def get_crumbs(self) -> list[Crumb]:
        """Below the list."""
        plural = capfirst(str(self.model._meta.verbose_name_plural))
        return [Crumb(plural, self.shell.entries_url(self.kwargs["name"])), Crumb(self.get_page_title())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The groups with their rows, and what was moved just now."""
        moved, by = self.request.GET.get("moved", ""), self.request.GET.get("by", "")
        groups = [
            (name, [_row(entry, at, len(entries), (moved, by)) for at, entry in enumerate(entries)])
            for name, entries in self.places.groups()
        ]
        found = next((row for _name, rows in groups for row in rows if row["is_moved"]), None)
        return super().get_context_data(**kwargs) | {
            "groups": groups,
            "said": _said(found) if found else "",
            "list_name": self.kwargs["name"],
            "list_url": self.shell.entries_url(self.kwargs["name"]),
            "is_ranked": self.model is Priority,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Move, let open cases follow a new rank, and show the entry where it is now."""
        address = self.shell.reverse("entry_order", self.kwargs["name"])
        try:
            wanted = Move.read(request.POST.get("move", ""))
            has_changed = move(self.places, wanted)
        except ValueUnknown as error:
            messages.error(request, error.message)
            return redirect(address)
        if has_changed and self.model is Priority:
            follow_ranks(request.user)
        query = urlencode({"moved": wanted.pk, "by": wanted.to})
        return redirect(f"{address}?{query}#cm-entry-{wanted.pk}")


def _row(entry: Any, at: int, count: int, moved: tuple[str, str]) -> dict[str, Any]:
    """A row of the page; after a move the button that was pressed has the focus, or the one that still works."""
    key, by = moved
    last = count - 1
    is_moved = str(entry.pk) == key
    off = {"first": at == 0, "up": at == 0, "down": at == last, "last": at == last}
    wanted = by if by in off else "down"
    if off[wanted]:
        wanted = "up" if wanted in ("down", "last") else "down"
    steps = [
        {"to": to, "sign": sign, "label": label, "is_off": off[to], "has_focus": is_moved and to == wanted}
        for to, sign, label in STEPS
    ]
    return {"entry": entry, "key": str(entry.pk), "place": at + 1, "of": count, "is_moved": is_moved, "steps": steps}


def _said(row: dict[str, Any]) -> str:
    return _("“%(name)s” is number %(place)d of %(of)d now.") % {
        "name": row["entry"], "place": row["place"], "of": row["of"],
    }  # fmt: skip
