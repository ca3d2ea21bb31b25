"""The page of what is probably wrong with the rules that act."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from case_management.models import Rule
from case_management.rules.lint import lint_rules
from case_management.ui.shell import Crumb, Page


class FindingsPage(Page):
    """Each finding with the rule, the place in it, the reason and the mend."""

    http_method_names: ClassVar[list[str]] = ["get", "head"]  # type: ignore[misc]
    template_name = "case_management/rules/findings.html"
    permission_required = "case_management.view_rule"
    section = ""
    icon = "warning"
    page_title = _("What is probably wrong")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Errors first."""
        found = sorted(lint_rules(), key=lambda one: one.severity)
        return super().get_context_data(**kwargs) | {"findings": found, "shows_rule": True}

    def get_crumbs(self) -> list[Crumb]:
        """Below the list."""
        plural = capfirst(str(Rule._meta.verbose_name_plural))
        return [Crumb(plural, self.shell.entries_url("rule")), Crumb(self.get_page_title())]
