"""Trying an SLA policy over the past: which promises it would have made, and how they would have been kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import InvalidConfiguration
from case_management.models import Backtest, SlaPolicy
from case_management.models.sla import SlaMetric
from case_management.sla.statement_words import exactly, of_clock
from case_management.trying import kept
from case_management.trying.outcomes import OUTCOMES, Outcomes, outcomes
from case_management.trying.result import Tally
from case_management.trying.telling import Line, policy_cells, policy_columns
from case_management.trying.tried_policy import TriedPolicy
from case_management.ui.setup.policies import PROMISES, SlaPolicyForm, asked_in_words
from case_management.ui.trials import OfEntry, TrialFilePage, TrialPage, TryPage

_OUTCOMES = {
    "kept": gettext_lazy("kept"),
    "missed": gettext_lazy("missed"),
    "running": gettext_lazy("not over yet"),
    "none": gettext_lazy("not promised"),
}
_FIELDS = {
    "policy": gettext_lazy("policy"),
    "target": gettext_lazy("promised"),
    "due_at": gettext_lazy("due"),
    "worked": gettext_lazy("used up"),
}
_MOVES = {
    "earlier": gettext_lazy("earlier"),
    "later": gettext_lazy("later"),
    "new": gettext_lazy("set"),
    "gone": gettext_lazy("taken away"),
}


class OfPolicy(OfEntry):
    """Base of the pages about one policy that the reader may change."""

    permission_required = "case_management.change_slapolicy"
    icon = "time"
    model = SlaPolicy
    prefix = "policy"


class PolicyTryPage(OfPolicy, TryPage):
    """How far back; what the entry's form sends is tried as it stands there and not saved."""

    template_name = "case_management/setup/policy_try.html"

    def start(self, days: int) -> Backtest:
        """The policy as it is saved, or as it was sent."""
        tried = self._drafted() if "calendar" in self.request.POST else TriedPolicy.saved(self.entry)
        return kept.start(tried, self.request.user, days=days, stored=self.entry)

    def _drafted(self) -> TriedPolicy:
        row = SlaPolicy.objects.get(pk=self.entry.pk)
        form = SlaPolicyForm.acted_on_by(self.request.user)(self.request.POST, instance=row)
        if not form.is_valid():
            labels = {name: str(field.label) for name, field in form.fields.items()}
            said = [f"{labels.get(name, '')} {error}" for name, errors in form.errors.items() for error in errors]
            raise InvalidConfiguration(" ".join(said))
        return form.tried()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what the policy asks for."""
        return super().get_context_data(**kwargs) | {"words": asked_in_words(self.entry)}


class PolicyTrialPage(OfPolicy, TrialPage):
    """What would have been promised, and kept."""

    template_name = "case_management/setup/policy_trial.html"

    def shown(self, actions: list[dict[str, Any]]) -> Any:
        """Each clock with what differs."""
        return [_shown(entry) for entry in actions]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With shares and counts in words."""
        tally = Tally(self.trial.tally)
        more = {
            "words": _promises(kept.policy_of(self.trial)),
            "tables": list(_tables(tally)),
            "outcome_labels": [_OUTCOMES[name] for name in OUTCOMES],
            "groups": list(_groups(tally)),
            "would_template": "case_management/setup/_promises.html",
            "moment_label": _("Opened"),
            "would_label": _("Promises, before and after"),
            "none_label": _("It would have governed no case that you may see."),
        }
        return super().get_context_data(**kwargs) | more


class PolicyTrialFilePage(OfPolicy, TrialFilePage):
    """The trial of a policy as a file."""

    lines_name = "cases"

    def tried(self) -> TriedPolicy:
        """The policy as it was tried."""
        return kept.policy_of(self.trial)

    def table(self, lines: Iterator[Line]) -> tuple[list[str], Iterator[list[Any]]]:
        """One line per change of a clock."""
        return policy_columns(), (cell for line in lines for cell in policy_cells(line))

    def as_json(self, line: Line) -> dict[str, Any]:
        """A case with its clocks."""
        return line.as_policy_json()


def _promises(tried: TriedPolicy) -> str:
    named = ((metric, tried.terms.targets.get(metric)) for metric in PROMISES.values())
    said = [f"{metric.label}: {exactly(minutes * 60)}" for metric, minutes in named if minutes]
    return "; ".join(map(str, said))


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    changes = {change["field"]: change for change in entry["changes"]}
    outcome = changes.pop("kept")
    return {
        "label": of_clock(entry["action"], entry["number"]),
        "before": outcome["before"],
        "after": outcome["after"],
        "before_label": _OUTCOMES[outcome["before"]],
        "after_label": _OUTCOMES[outcome["after"]],
        "changes": [
            {
                "label": _FIELDS[name],
                "before": _value(name, change["before"]),
                "after": _value(name, change["after"]),
            }
            for name, change in changes.items()
        ],
    }


def _value(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name == "due_at":
        return parse_datetime(value)
    return exactly(value) if name in ("target", "worked") else value


def _tables(tally: Tally) -> Iterator[dict[str, Any]]:
    """Per clock a line for every case opened, and one for those that the policy governs."""
    governed = {each.metric: each for each in outcomes(tally, touched_only=True)}
    for each in outcomes(tally):
        yield _table(each, _("all that were opened"))
        if each.metric in governed:
            yield _table(governed[each.metric], _("under this policy"))


def _table(each: Outcomes, scope: str) -> dict[str, Any]:
    before, after = (
        _("none over") if share is None else f"{100 * share:.1f}\N{NO-BREAK SPACE}%" for share in each.shares
    )
    return {
        "clock": SlaMetric(each.metric).label,
        "scope": scope,
        "before": before,
        "after": after,
        "counts": [(each.before[name], each.after[name]) for name in OUTCOMES],
    }


def _groups(tally: Tally) -> Iterator[dict[str, Any]]:
    """Which policy gave way to which, how promises fared, and how due dates moved."""
    if governed := tally.group("policy"):
        yield {"heading": _("Policy"), "names": list(governed.items())}
    for metric in SlaMetric:
        fared = {name: count for name, count in tally.group(f"kept.{metric.value}").items() if _turned(name)}
        if fared:
            yield {"heading": metric.label, "names": [(_in_words(name), count) for name, count in fared.items()]}
        if moved := tally.group(f"due.{metric.value}"):
            heading = _("%s: due") % metric.label
            yield {"heading": heading, "names": [(_MOVES[name], count) for name, count in moved.items()]}


def _turned(name: str) -> bool:
    was, _arrow, would_be = name.partition(" → ")
    return was != would_be


def _in_words(name: str) -> str:
    was, _arrow, would_be = name.partition(" → ")
    return f"{_OUTCOMES[was]} → {_OUTCOMES[would_be]}"
