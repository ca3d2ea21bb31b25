"""Every kind of entry that a file of configuration holds, in the order in which they are applied.

A model is added with one line. Its fields come along by themselves; only what leans on database ids, belongs to
people, or is kept in versions needs more words.
"""

from __future__ import annotations

from typing import Any

from case_management import models
from case_management.configuration import checks
from case_management.configuration.kind import Kind, Part, Versions, kinds
from case_management.configuration.macro_steps import steps_from_plain, steps_to_plain
from case_management.models.rule import RuleState
from case_management.models.wording import ScriptedState

__all__ = ["kinds"]


def _shared(model: Any) -> Any:
    """What belongs to one person stays with that person."""
    return model._default_manager.filter(owner=None)


def _current(model: Any) -> Any:
    """Of each key the version in use, or else the newest."""
    chosen: dict[str, Any] = {}
    for row in model._default_manager.order_by("key", "-version"):
        if row.key not in chosen or (_in_use(row) and not _in_use(chosen[row.key])):
            chosen[row.key] = row
    return model._default_manager.filter(pk__in=[row.pk for row in chosen.values()])


def _current_rules(model: Any) -> Any:
    """What was published once; a draft stays where people work on it."""
    finished = model._default_manager.filter(state__in=(RuleState.PUBLISHED, RuleState.RETIRED))
    chosen = {row.key: row.pk for row in finished.order_by("is_active", "version")}
    return model._default_manager.filter(pk__in=chosen.values())


def _in_use(row: Any) -> bool:
    return bool(getattr(row, "is_active", getattr(row, "state", "") == ScriptedState.APPROVED))


RULE_VERSIONS = Versions(
    lambda rule: rule.firings.exists(),
    checks.retire_rule,
    frozenset({"name", "position", "is_active"}),
)
RESPONSE_VERSIONS = Versions(
    lambda response: response.state != ScriptedState.DRAFT,
    checks.retire_response,
    frozenset({"name", "keywords", "state"}),
)

for _name, _kind in (
    ("case_types", Kind(models.CaseType)),
    ("priorities", Kind(models.Priority)),
    ("sources", Kind(models.Source)),
    ("closure_reasons", Kind(models.ClosureReason)),
    ("reopen_reasons", Kind(models.ReopenReason)),
    ("resolution_methods", Kind(models.ResolutionMethod)),
    ("close_channels", Kind(models.CloseChannel)),
    ("note_subjects", Kind(models.NoteSubject)),
    ("tag_categories", Kind(models.TagCategory)),
    ("tags", Kind(models.Tag)),
    ("topics", Kind(models.Topic)),
    ("units", Kind(models.Unit, ("number",))),
    ("teams", Kind(models.Team)),
    ("custom_fields", Kind(models.CustomField, check=checks.check_custom_field)),
    (
        "calendars",
        Kind(models.BusinessCalendar, parts=(Part("holidays", "date"),), check=checks.check_calendar),
    ),
    (
        "sla_policies",
        Kind(models.SlaPolicy, parts=(Part("targets", "metric"), Part("rungs", "level")), check=checks.check_policy),
    ),
    ("skills", Kind(models.Skill)),
    ("assignment_chains", Kind(models.AssignmentChain, check=checks.check_chain)),
    (
        "scripted_responses",
        Kind(models.ScriptedResponse, rows=_current, check=checks.check_response, versions=RESPONSE_VERSIONS),
    ),
    ("signatures", Kind(models.Signature, ("name", "unit"), rows=_shared)),
    ("macros", Kind(models.Macro, rows=_shared, to_plain=steps_to_plain, from_plain=steps_from_plain)),
    (
        "rules",
        Kind(
            models.Rule,
            rows=_current_rules,
            check=checks.check_rule,
            versions=RULE_VERSIONS,
            leaves_out=frozenset({"state"}),
            follow=checks.follow_rule,
        ),
    ),
    ("settings", Kind(models.Settings, ())),
):
    kinds.register(_name, _kind)
