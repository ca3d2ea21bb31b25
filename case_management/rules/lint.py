"""What is probably wrong with rules that can be carried out: never reached, going in circles, mailing nobody.

Findings warn and stop nobody. Each names the rule, the place in it, the reason and the mend.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.models import Rule
from case_management.models.rule import Cadence, Occasion
from case_management.rules.circles import circles
from case_management.rules.conditions.tree import Branch, parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.lint_entries import (
    Entries,
    dead_values,
    macros_with_unknown_names,
    unknown_names,
    without_recipients,
)
from case_management.rules.lint_finding import Finding, Read, Severity, named
from case_management.rules.lint_policies import overlapping_policies
from case_management.rules.reasoning import Reasoning
from case_management.rules.scope import whole_conditions

__all__ = ["Finding", "Severity", "lint_rule", "lint_rules"]

#: On these, whoever stops later rules does so for what just happened; rules on time are each asked by themselves.
_TOGETHER = (Occasion.INTERACTION_RECEIVED, Occasion.CASE_OPENED, Occasion.CASE_CHANGED, Occasion.DEADLINE_MISSED)


def lint_rules() -> list[Finding]:
    """Everything that acts: live rules, active SLA policies, active macros."""
    live = list(Rule.objects.filter(is_active=True).order_by("position", "pk"))
    return [*_lint(live), *overlapping_policies(), *macros_with_unknown_names()]


def lint_rule(rule: Rule) -> list[Finding]:
    """What would be found of this version among the others that act, were it published as it stands in memory."""
    others = list(Rule.objects.filter(is_active=True).exclude(key=rule.key).order_by("position", "pk"))
    after = next((at for at, other in enumerate(others) if _place(other) > _place(rule)), len(others))
    return [found for found in _lint([*others[:after], rule, *others[after:]]) if found.rule == rule.label]


def _place(rule: Rule) -> tuple[int, int]:
    return rule.position, rule.pk or 0


def _lint(rules: Sequence[Rule]) -> list[Finding]:
    found, reads, entries, reasoning = list[Finding](), list[Read](), Entries(), Reasoning()
    for rule in rules:
        try:
            tree = parse(whole_conditions(rule.conditions, rule.scope), fields_of(rule.occasion))
        except InvalidConfiguration as error:
            read = Read(rule, Branch("all", ()))
            found.append(read.finding("unreadable", "", error.message, _("Mend it in the builder."), Severity.ERROR))
            continue
        reads.append(Read(rule, tree))
    for read in reads:
        found += [*dead_values(read, entries), *unknown_names(read), *without_recipients(read)]
    return [*found, *_unreachable(reads, reasoning), *_loops(reads, reasoning)]


def _unreachable(reads: Sequence[Read], reasoning: Reasoning) -> Iterator[Finding]:
    for at, read in enumerate(reads):
        if reasoning.never_holds(read.tree):
            why, mend = _("The conditions contradict each other: they never hold."), _("Take one of them out.")
            yield read.finding("unreachable", _("conditions"), why, mend, Severity.ERROR)
            continue
        for earlier in reads[:at]:
            if _stops(earlier.rule, read.rule) and reasoning.covers(earlier.tree, read.tree):
                why = _("“%s” is asked before, acts whenever this rule would, and lets no later rule be asked.")
                mend = _("Put this rule before it, or narrow that one's conditions.")
                yield read.finding("unreachable", _("place in the order"), why % earlier.rule, mend, Severity.ERROR)
                break


def _stops(earlier: Rule, later: Rule) -> bool:
    """Whether the earlier rule stops the later one each time its conditions hold."""
    if not earlier.stops or earlier.occasion != later.occasion or earlier.occasion not in _TOGETHER:
        return False
    happens_once = earlier.occasion in (Occasion.INTERACTION_RECEIVED, Occasion.CASE_OPENED)
    return earlier.cadence == Cadence.EVERY_TIME or (earlier.cadence == Cadence.ONCE_PER_RESPONSE and happens_once)


def _loops(reads: Sequence[Read], reasoning: Reasoning) -> Iterator[Finding]:
    for circle in circles(reads, reasoning):
        for read in circle:
            why = _("What it does brings about its own occasion again.")
            if others := [other.rule for other in circle if other is not read]:
                why = _("It sets off %s, and is set off again.") % named(others)
            mend = _("Let it act once per case, or ask for what it changes in its conditions.")
            yield read.finding("loop", _("actions"), why, mend)
