"""What single kinds ask of an entry beside what its model does, as the set-up forms ask it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.assignment import in_order, strategies
from case_management.exceptions import InvalidConfiguration
from case_management.models import Case, RuleStep, ScriptedResponse
from case_management.models.calendar import WEEKDAYS
from case_management.models.custom_field import FieldKind
from case_management.models.custom_lookup import holds_option, is_filled
from case_management.models.rule import RuleState
from case_management.models.wording import ScriptedState
from case_management.rules import approval, publishing
from case_management.rules.authoring import validate, validate_when
from case_management.sla.hours import InvalidHoursError, format_hours, parse_hours
from case_management.sla.terms import shares_of
from case_management.wordsmith import prompts_of
from case_management.wordsmith.authoring import check_text, require_used

APPROVES = "case_management.approve_scriptedresponse"
PUBLISHES = "case_management.publish_rule"


def check_calendar(calendar: Any, stored: Any, by: Any) -> None:
    """Hours that can be read, on one day at least."""
    errors = {}
    for day in WEEKDAYS:
        try:
            setattr(calendar, day, format_hours(parse_hours(getattr(calendar, day))))
        except InvalidHoursError as error:
            errors[day] = _("“%s” is not a time range; write it as 09:00-17:00, or as 24h.") % error.part
    if not errors and not any(getattr(calendar, day) for day in WEEKDAYS):
        errors["monday"] = _("Give opening hours on at least one day.")
    if errors:
        raise ValidationError(errors)


def check_policy(policy: Any, stored: Any, by: Any) -> None:
    """Warnings that can be read, in one spelling."""
    try:
        policy.warnings = ", ".join(map(str, shares_of(policy.warnings)))
    except ValueError as error:
        raise ValidationError({"warnings": _("Write per cents from 1 to 99, such as 50, 75, 90.")}) from error


def check_custom_field(custom: Any, stored: Any, by: Any) -> None:
    """Choices have options; what cases hold stays."""
    options = custom.options
    is_list = isinstance(options, list) and all(
        isinstance(option, dict) and set(option) == {"key", "label"} for option in options
    )
    if not is_list:
        raise ValidationError({"options": _("Give a list of options, each with “key” and “label”.")})
    if not options and custom.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        raise ValidationError({"options": _("A choice needs at least one option.")})
    if stored is None or not Case.objects.filter(is_filled(stored)).exists():
        return
    if custom.kind != stored.kind:
        raise ValidationError({"kind": _("It is fixed: cases here have values.")})
    kept = {option["key"] for option in options}
    for key, label in stored.option_pairs:
        if key not in kept and Case.objects.filter(holds_option(stored, key)).exists():
            raise ValidationError({"options": _("Cases here have “%s”: keep it.") % label})


def check_chain(chain: Any, stored: Any, by: Any) -> None:
    """Strategies that are there, in their fixed order."""
    listed = chain.strategies if isinstance(chain.strategies, list) else []
    unknown = [str(name) for name in listed if name not in strategies]
    if unknown or not listed:
        said = _("Unknown strategy: %s.") % ", ".join(unknown) if unknown else _("Give a list of strategies.")
        raise ValidationError({"strategies": f"{said} {_('Known: %s.') % ', '.join(strategies)}"})
    chain.strategies = in_order(listed)


def check_response(response: Any, stored: Any, by: Any) -> None:
    """Every name in brackets is known; approved wording is approved by somebody who may."""
    try:
        prompts = prompts_of(response)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValidationError({"prompts": _("Give a list of prompts, each with “name” and “label”.")}) from error
    _said("subject", lambda: check_text(response.subject, prompts, is_subject=True))
    _said("body", lambda: check_text(response.body, prompts))
    _said("prompts", lambda: require_used([response.subject, response.body], prompts))
    if response.state == ScriptedState.APPROVED:
        if by is None or not by.has_perm(APPROVES):
            raise ValidationError({"state": _("Approved wording is applied by somebody who may approve it; say who.")})
        response.approved_by, response.approved_at = by, timezone.now()
    elif stored is not None and stored.state == ScriptedState.APPROVED and response.state == ScriptedState.DRAFT:
        raise ValidationError({"state": _("It is approved here: say “approved” or “retired”, or leave it out.")})


def check_rule(rule: Any, stored: Any, by: Any) -> None:
    """As the engine will read it; what is switched off may name what is there no longer."""
    rule.state = _state_of(rule)
    if not rule.is_active:
        return
    if by is not None and approval.is_needed() and not by.has_perm(PUBLISHES):
        raise ValidationError({"is_active": _("Rules are approved here: somebody who may publish them applies it.")})
    _said("timing", lambda: validate_when(rule.occasion, rule.timing, rule.scope))
    _said("actions", lambda: validate(rule.occasion, {}, rule.actions))
    _said("conditions", lambda: validate(rule.occasion, rule.conditions, rule.actions))


def _state_of(rule: Any) -> str:
    """A file says whether a rule is switched on; drafts are in no file."""
    return str(RuleState.PUBLISHED if rule.is_active else RuleState.RETIRED)


def retire_rule(stored: Any, successor: Any) -> None:
    """Only one version of a rule is switched on."""
    if stored.state != RuleState.RETIRED:
        publishing.retire(stored)


def follow_rule(rule: Any, stored: Any, by: Any) -> None:
    """The history of the version says that a file did it; a rule on time waits from now on."""
    kinds = RuleStep.Kind
    was = stored.state if stored is not None and stored.pk == rule.pk else ""
    publishing.record(rule, kinds.SAVED, by, _("From a file of configuration."))
    if rule.state != was and rule.is_active:
        publishing.record(rule, kinds.PUBLISHED, by)
    elif rule.state != was and was:
        publishing.record(rule, kinds.RETIRED, by)
    if rule.is_active:
        publishing.start(rule)


def retire_response(stored: Any, successor: Any) -> None:
    """The wording before goes out of use once the new one is approved."""
    if successor.state == ScriptedState.APPROVED:
        ScriptedResponse.objects.filter(pk=stored.pk).update(state=ScriptedState.RETIRED)


def _said(field: str, check: Any) -> None:
    try:
        check()
    except InvalidConfiguration as error:
        raise ValidationError({field: error.message}) from error
