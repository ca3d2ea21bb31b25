"""The page on which a rule is put together; nothing needs a script, nothing half-made is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access.setting_up import may_set_up
from case_management.exceptions import CaseManagementError, InvalidConfiguration
from case_management.models import Rule
from case_management.models.rule import Occasion
from case_management.rules import publishing
from case_management.rules.custom_fields import fields_of
from case_management.rules.lint import Finding, lint_rule
from case_management.rules.words import in_words
from case_management.trying import kept
from case_management.ui.rules import action_rows, draft
from case_management.ui.rules.rows import Rows
from case_management.ui.rules.standing import mark_of, require_only_draft, require_unchanged, standing_of
from case_management.ui.rules.when import When
from case_management.ui.setup.versions import RuleForm
from case_management.ui.shell import Crumb, Page

#: How far back the builder tries; the page for trials asks.
TRIED_DAYS = 30


class BasicsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a rule is beside its conditions and actions; :class:`RuleForm` saves all of it."""

    class Meta:
        model = Rule
        fields = ("name", "occasion", "cadence", "cadence_days", "position", "stop_processing")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"auto_id": "cm-rule-%s", "label_suffix": ""}
        super().__init__(*args, **kwargs)
        for name in ("name", "cadence_days", "position"):
            self.fields[name].widget.attrs["class"] = "cm-input"

    def after(self) -> list[forms.BoundField]:
        """What stands below the actions."""
        return [self[name] for name in ("cadence", "cadence_days", "position", "stop_processing")]


@dataclass
class Draft:
    """The rule as it stands on the page."""

    when: When
    conditions: draft.GroupDraft
    actions: list[action_rows.ActionDraft]


class _BuiltForm(RuleForm):
    replaces_live = True


#: What a button keeps, and what is said then.
_KEEPS = {
    "save": gettext_lazy("“%(rule)s” is published as version %(version)d."),
    "draft": gettext_lazy("“%(rule)s” is kept as a draft, version %(version)d. What is published goes on as it is."),
    "submit": gettext_lazy("“%(rule)s”, version %(version)d, awaits approval."),
}


class BuilderPage(Page):
    """One rule: when, conditions, actions, how often. Its buttons send the whole form and get it back, changed."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]  # type: ignore[misc]
    template_name = "case_management/rules/builder.html"
    permission_required = "case_management.change_rule"
    section = ""
    icon = "cogs"
    #: What the reader saw of the stored rule; see :func:`mark_of`.
    mark = ""

    @cached_property
    def rule(self) -> Rule:
        """One that the reader may change."""
        rule: Rule = get_object_or_404(Rule, pk=self.kwargs["pk"])
        if not may_set_up(self.request.user, "change", rule):
            raise PermissionDenied(str(_("Ask somebody who may change this rule.")))
        return rule

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The rule as it is stored."""
        rule = self.rule
        self.mark = mark_of(rule)
        conditions = draft.from_tree(rule.conditions, fields_of(rule.occasion))
        when = When.stored(rule.occasion, rule.timing, rule.scope)
        return self._show(BasicsForm(instance=rule), Draft(when, conditions, action_rows.drafts_of(rule.actions)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do what the button says; only “save” stores anything."""
        data, command = request.POST, request.POST.get("do", "")
        self.mark = data.get("mark", "")
        occasion = _occasion(data, self.rule)
        conditions = draft.from_post(data, fields_of(occasion))
        made = Draft(When.read(data, occasion), conditions, action_rows.read_drafts(data))
        if command in _KEEPS:
            return self._save(data, made, command)
        if command == "try":
            return self._try(data, made)
        if not draft.carry_out(made.conditions, command):
            action_rows.carry_out(made.actions, command, data.get("new_action", ""))
        return self._show(BasicsForm(data, instance=self.rule), made)

    def _save(self, data: QueryDict, made: Draft, command: str) -> HttpResponse:
        rows = action_rows.rows_of(made.actions, made.when.occasion)
        form = self._rule_form(data, made, rows, publishes=command == "save")
        said: list[str] = []
        if action_rows.is_sound(rows) and form.is_valid():
            try:
                return self._kept(form, command)
            except CaseManagementError as error:
                # Who was told what is stored now may press again.
                said, self.mark = [error.message], error.details.get("mark", self.mark)
        # The model form has filled the instance with what was sent; the page goes on from the stored rule.
        del self.rule
        said += [str(error) for errors in form.errors.values() for error in errors]
        return self._show(BasicsForm(data, instance=self.rule), made, said=said, status=422)

    @transaction.atomic
    def _kept(self, form: RuleForm, command: str) -> HttpResponse:
        require_unchanged(self.kwargs["pk"], self.mark)
        if command == "save":
            saved, page = form.save(), "rule_build"
        else:
            require_only_draft(form.instance)
            saved, page = form.save_draft(), "rule_build"
        if command == "submit":
            saved, page = publishing.submit(saved, by=self.request.user), "rule_versions"
        messages.success(self.request, _KEEPS[command] % {"rule": saved, "version": saved.version})
        return redirect(self.shell.reverse(page, saved.pk))

    def _try(self, data: QueryDict, made: Draft) -> HttpResponse:
        """Run it over the past as it stands here; nothing of it is saved."""
        rows = action_rows.rows_of(made.actions, made.when.occasion)
        form, pk = self._rule_form(data, made, rows, publishes=False), self.rule.pk
        said = [] if form.is_valid() else [error for errors in form.errors.values() for error in errors]
        tried: Rule = form.instance
        del self.rule
        if not said and action_rows.is_sound(rows):
            try:
                trial = kept.start(tried, self.request.user, days=TRIED_DAYS, stored=self.rule)
                kept.run_now(trial)
                return redirect(self.shell.reverse("rule_trial", pk, trial.pk))
            except CaseManagementError as error:
                said = [error.message]
        return self._show(BasicsForm(data, instance=self.rule), made, said=said, status=422)

    def _rule_form(self, data: QueryDict, made: Draft, rows: list[Any], *, publishes: bool) -> RuleForm:
        fields = fields_of(made.when.occasion)
        tree = made.conditions.stored(fields) if made.conditions.parts else {}
        if tree == draft.from_tree(self.rule.conditions, fields).stored(fields):
            tree = self.rule.conditions  # said in other brackets it is the same, and no new version
        sent = {name: data.get(name, "") for name in BasicsForm.base_fields if name in data}
        parts = {"conditions": tree, "actions": action_rows.stored_actions(rows)}
        parts |= {"timing": made.when.timing, "scope": made.when.scope}
        sent |= {name: json.dumps(part) for name, part in parts.items()}
        sent["is_active"] = "on" if publishes else ""
        return _BuiltForm.acted_on_by(self.request.user)(sent, instance=self.rule)

    def _show(self, basics: BasicsForm, made: Draft, **more: Any) -> HttpResponse:
        occasion = made.when.occasion
        fields = fields_of(occasion)
        rows = action_rows.rows_of(made.actions, occasion)
        if basics.is_bound:
            basics.full_clean()  # what is looked at below is the rule as it stands on the page
        context = {
            "rule": self.rule,
            "mark": self.mark,
            "form": basics,
            "when": made.when,
            "root": Rows(occasion, fields).group(made.conditions),
            "hows": _hows(),
            "actions": rows,
            "action_choices": action_rows.action_choices(),
            "sentence": _sentence(made, made.conditions.stored(fields), action_rows.stored_actions(rows)),
            "said": more.get("said", ()),
            "entry_url": self.shell.entry_url("rule", self.rule.pk),
            "has_acted": self.rule.firings.exists(),
            "publishing": standing_of(self.rule),
            "findings": self._findings(made, made.conditions.stored(fields), action_rows.stored_actions(rows)),
        }
        return self.render_to_response(self.get_context_data(**context), status=more.get("status", 200))

    def _findings(self, made: Draft, conditions: Any, actions: list[Any]) -> list[Finding]:
        """What would be wrong with the rule as it stands on the page; nothing while a part of it cannot be read."""
        rule, when = self.rule, made.when
        if when.error or not _sentence(made, conditions, actions):
            return []
        asked = conditions if any(conditions.values()) else {}
        as_it_stands = Rule(
            pk=rule.pk, key=rule.key, version=rule.version, name=rule.name, position=rule.position,
            cadence=rule.cadence, stop_processing=rule.stop_processing, occasion=when.occasion,
            timing=when.timing, scope=when.scope, conditions=asked, actions=actions,
        )  # fmt: skip
        return [found for found in lint_rule(as_it_stands) if found.code != "refused_action"]

    def get_page_title(self) -> str:
        """Names the rule."""
        return _("Builder of “%s”") % self.rule.name

    def get_crumbs(self) -> list[Crumb]:
        """Below the list."""
        plural = capfirst(str(Rule._meta.verbose_name_plural))
        return [Crumb(plural, self.shell.entries_url("rule")), Crumb(self.get_page_title())]


def _hows() -> list[tuple[str, str]]:
    return [
        ("all", _("all of these hold")),
        ("any", _("any of these holds")),
        ("none", _("none of these holds")),
    ]


def _occasion(data: QueryDict, rule: Rule) -> str:
    asked = data.get("occasion", rule.occasion)
    return asked if asked in Occasion.values else rule.occasion


def _sentence(made: Draft, conditions: Any, actions: list[Any]) -> str:
    """The rule in words; empty while a part of it cannot be read."""
    asked, when = conditions if any(conditions.values()) else {}, made.when
    rule = Rule(
        occasion=when.occasion, timing=when.timing, scope=when.scope, conditions=asked, actions=actions
    )  # fmt: skip
    try:
        return in_words(rule)
    except InvalidConfiguration:
        return ""
