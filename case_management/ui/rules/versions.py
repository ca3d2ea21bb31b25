"""All versions of a rule: where each stands, who did what, what differs between two, and the step to the next state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access.roles import holds_everywhere
from case_management.access.setting_up import may_set_up
from case_management.exceptions import CaseManagementError
from case_management.models import Rule
from case_management.models.rule import RuleState
from case_management.rules import approval, publishing
from case_management.rules.differences import differences
from case_management.rules.lint import lint_rule
from case_management.ui.rules.standing import standing_of
from case_management.ui.setup.versions import rule_in_words
from case_management.ui.shell import Crumb, Page

_DONE = {
    "publish": gettext_lazy("Version %d is published."),
    "submit": gettext_lazy("Version %d awaits approval."),
    "refuse": gettext_lazy("Version %d is a draft again; its author reads why."),
    "withdraw": gettext_lazy("Version %d is a draft again."),
    "shadow": gettext_lazy("Version %d runs in the shadow: it writes down what it would do."),
    "retire": gettext_lazy("Version %d is retired."),
}
_STEPS: dict[str, Callable[..., Rule]] = {
    "submit": publishing.submit,
    "shadow": publishing.to_shadow,
    "withdraw": publishing.back_to_draft,
    "retire": publishing.retire,
}


class VersionsPage(Page):
    """The versions of one key; ``?with=`` names the version that this one is compared with."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]  # type: ignore[misc]
    template_name = "case_management/rules/versions.html"
    permission_required = "case_management.view_rule"
    section = ""
    icon = "history"

    @cached_property
    def rule(self) -> Rule:
        """The version that the page is about."""
        rule: Rule = get_object_or_404(Rule, pk=self.kwargs["pk"])
        return rule

    def get_page_title(self) -> str:
        """Names the rule."""
        return _("Versions of “%s”") % self.rule.name

    def get_crumbs(self) -> list[Crumb]:
        """Below the list."""
        plural = capfirst(str(Rule._meta.verbose_name_plural))
        return [Crumb(plural, self.shell.entries_url("rule")), Crumb(self.get_page_title())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Every version with its history, and the two that are compared."""
        rule = self.rule
        versions = list(Rule.objects.filter(key=rule.key).order_by("-version").prefetch_related("steps__by"))
        standing = standing_of(rule)
        other = self._compared_with(versions, standing.live)
        context = {
            "rule": rule,
            "versions": versions,
            "standing": standing,
            "other": other,
            "words": [(one, rule_in_words(one)) for one in (other, rule) if one is not None],
            "differences": differences(other, rule),
            "steps": self._steps(),
            "why_not": approval.why_not_approve(rule, self.request.user) if self._may_change else "",
            "over": standing.live.version if standing.live else "",
            "may_build": self._may_change,
            "findings": lint_rule(rule) if rule.state != RuleState.RETIRED else [],
        }
        return super().get_context_data(**kwargs) | context

    def _compared_with(self, versions: list[Rule], live: Rule | None) -> Rule | None:
        """The one that is asked for, else the live one, else the one before."""
        asked = self.request.GET.get("with", "")
        others = [one for one in versions if one.pk != self.rule.pk]
        wanted = [one for one in others if str(one.version) == asked]
        if not wanted and live is not None and live.pk != self.rule.pk:
            wanted = [live]
        earlier = [one for one in others if one.version < self.rule.version]
        return next(iter(wanted or earlier), None)

    @cached_property
    def _may_change(self) -> bool:
        return may_set_up(self.request.user, "change", self.rule)

    def _steps(self) -> set[str]:
        """What this reader may do with this version as it stands."""
        user, state, found = self.request.user, self.rule.state, set[str]()
        approves = approval.is_needed() and holds_everywhere(user, approval.RIGHT)
        if state != RuleState.PUBLISHED and (self._may_change or approves):
            found |= set() if approval.why_not_approve(self.rule, user) else {"publish"}
        if state == RuleState.AWAITING and holds_everywhere(user, approval.RIGHT):
            found.add("refuse")
        if self._may_change and approval.is_needed() and state in (RuleState.DRAFT, RuleState.SHADOW):
            found.add("submit")
        if self._may_change and state in (RuleState.DRAFT, RuleState.AWAITING):
            found.add("shadow")
        if self._may_change and state in (RuleState.AWAITING, RuleState.SHADOW):
            found.add("withdraw")
        if self._may_change and state != RuleState.RETIRED:
            found.add("retire")
        return found

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a step; what became impossible meanwhile is said, and nothing is changed."""
        do = request.POST.get("do", "")
        if do not in self._steps():
            raise PermissionDenied(approval.why_not_approve(self.rule, request.user) or _("You may not do this now."))
        try:
            self._take(do)
        except CaseManagementError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _DONE[do] % self.rule.version)
        return redirect(request.path)

    def _take(self, do: str) -> None:
        rule, by, sent = self.rule, self.request.user, self.request.POST
        if do == "publish":
            over = sent.get("over", "")
            publishing.publish(rule, by=by, over=int(over) if over.isdecimal() else None)
        elif do == "refuse":
            publishing.refuse(rule, by=by, reason=sent.get("reason", "").strip())
        else:
            _STEPS[do](rule, by=by)
