"""The frame in which a shared page stands: which admin draws it, how links are made, who may open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from case_management.models import Preferences
from case_management.ui.keys import GROUPS, KeyGroup
from case_management.ui.reader import Reader

#: Pages are ``case_management:<name>`` in Wagtail, ``admin:case_management:<name>`` in the Django admin.
URL_NAMESPACE = "case_management"


@dataclass(frozen=True)
class Crumb:
    """One step of the way back; ``url`` is empty for the page itself."""

    label: str | Promise
    url: str = ""


@dataclass(frozen=True)
class Section:
    """One tab above every page."""

    name: str
    label: str | Promise
    permission: str


SECTIONS = (
    Section("list", _("Cases"), "case_management.view_case"),
    Section("contacts", _("Contacts"), "case_management.view_contact"),
    Section("dashboard", _("Dashboard"), "case_management.view_dashboard"),
    Section("alerts", _("Alerts"), "case_management.view_alert"),
    Section("changes", _("Changes"), "case_management.view_case"),
    Section("exports", _("Exports"), "case_management.export_case"),
    Section("imports", _("Imports"), "case_management.import_case"),
)


class Shell:
    """One request's frame; each door's subclass names its base template and the namespace of its links."""

    base_template: ClassVar[str] = ""
    #: Whether this admin lets people choose a time zone by itself, so that ours is not offered.
    keeps_time_zones: bool = False

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def namespace(self) -> str:
        """What stands before the names of our URLs in this admin."""
        return URL_NAMESPACE

    def reverse(self, name: str, *args: Any) -> str:
        """The address of one of our pages inside the same admin."""
        return reverse(f"{self.namespace}:{name}", args=args)

    def entry_url(self, list_name: str, pk: Any) -> str:
        """The set-up form of an entry (``topic``, 7) in the same admin."""
        raise NotImplementedError

    def entries_url(self, list_name: str) -> str:
        """The set-up list (``topic``) in the same admin."""
        raise NotImplementedError

    @cached_property
    def preferences(self) -> Preferences:
        """What the reader chose."""
        return Reader.of(self.request.user).preferences

    def time_zone(self) -> tzinfo:
        """In which time zone the page speaks: the reader's own choice, else the one that is active."""
        return self.preferences.zone or timezone.get_current_timezone()

    @property
    def uses_shortcuts(self) -> bool:
        """Whether single keys act for the reader."""
        return self.preferences.uses_shortcuts

    @property
    def key_groups(self) -> tuple[KeyGroup, ...]:
        """The keys for the help."""
        return GROUPS

    def context(self, page: Page) -> dict[str, Any]:
        """What the base template of this admin wants to know."""
        return {}


class Page(TemplateView):
    """Base of every shared page: checks the right, and gives the template its frame.

    Templates say ``{% extends cm_base %}``, fill ``cm_content`` (also ``cm_css`` and ``cm_js``) and make links
    with ``{% cm_url 'case' case.reference %}``. Rows' rights are the page's own business: start from
    ``visible_to(user)``.
    """

    shell_class: type[Shell] = Shell
    permission_required: ClassVar[str] = "case_management.view_case"
    #: Which of SECTIONS is marked as the current one.
    section: ClassVar[str] = "list"
    #: Which group of keys works here beside those that work everywhere; empty: the section's.
    keys_of: ClassVar[str] = ""
    page_title: str | Promise = ""
    icon: ClassVar[str] = "list-ul"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Frame the request."""
        super().setup(request, *args, **kwargs)
        self.shell = self.shell_class(request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse people without the page's right before anything is read."""
        if not request.user.has_perm(self.permission_required):
            raise PermissionDenied(str(_("Ask an administrator for a role that may open this page.")))
        with timezone.override(self.shell.time_zone()):
            response = super().dispatch(request, *args, **kwargs)
            # Templates are rendered late; moments in them belong to the reader's time zone too.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response

    def get_page_title(self) -> str:
        """The page's only level-one heading, and the title of the browser's tab."""
        return str(self.page_title)

    def get_crumbs(self) -> list[Crumb]:
        """The way back from here, without the admin's own home."""
        return [Crumb(_("Cases"), self.shell.reverse("list")), Crumb(self.get_page_title())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The frame's part of the context; the shell's own keys come last."""
        context = super().get_context_data(**kwargs)
        context |= {
            "shell": self.shell,
            "cm_base": self.shell.base_template,
            "cm_title": self.get_page_title(),
            "cm_crumbs": self.get_crumbs(),
            "cm_sections": [entry for entry in SECTIONS if self.request.user.has_perm(entry.permission)],
            "cm_section": self.section,
            "cm_keys_of": self.keys_of or self.section,
        }
        return context | self.shell.context(self)
