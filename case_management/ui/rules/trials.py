"""Trying a rule over the past."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from case_management.exceptions import CaseManagementError
from case_management.models import Backtest, Rule
from case_management.rules.authoring import in_words
from case_management.trying import kept
from case_management.trying.telling import Line, cells, columns
from case_management.ui.rules.found import found_groups, shown_actions
from case_management.ui.trials import OfEntry, TrialFilePage, TrialPage, TryPage


class OfRule(OfEntry):
    """Base of the pages about one rule that the reader may change."""

    permission_required = "case_management.change_rule"
    model = Rule
    prefix = "rule"
    home = "rule_build"

    @property
    def rule(self) -> Rule:
        """The entry by its own name."""
        rule: Rule = self.entry
        return rule


class RuleTryPage(OfRule, TryPage):
    """How far back; and the reader's latest trials of every version of this rule."""

    template_name = "case_management/rules/try.html"

    def start(self, days: int) -> Backtest:
        """The rule as it is saved."""
        return kept.start(self.rule, self.request.user, days=days)

    @property
    def earlier(self) -> Q:
        """Trials of every version."""
        return Q(rule__key=self.rule.key)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the rule in words."""
        return super().get_context_data(**kwargs) | {"rule": self.rule, "words": _words(self.rule)}


class RuleTrialPage(OfRule, TrialPage):
    """What the rule would have done."""

    template_name = "case_management/rules/trial.html"

    def shown(self, actions: list[dict[str, Any]]) -> Any:
        """Actions with labels."""
        return shown_actions(actions)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the rule in words, and the counts in order."""
        more = {"words": _words(kept.rule_of(self.trial)), "groups": found_groups(self.trial.tally)}
        labels = {
            "would_template": "case_management/rules/_would.html",
            "moment_label": _("Moment"),
            "would_label": _("What it would have done"),
            "none_label": _("It would not have acted on anything that you may see."),
        }
        return super().get_context_data(**kwargs) | more | labels


class RuleTrialFilePage(OfRule, TrialFilePage):
    """The trial of a rule as a file."""

    def tried(self) -> Rule:
        """The rule as it was tried."""
        return kept.rule_of(self.trial)

    def table(self, lines: Iterator[Line]) -> tuple[list[str], Iterator[list[Any]]]:
        """One line per change."""
        return columns(), (cell for line in lines for cell in cells(line))


def _words(rule: Rule) -> str:
    try:
        return in_words(rule)
    except CaseManagementError as error:
        return error.message
