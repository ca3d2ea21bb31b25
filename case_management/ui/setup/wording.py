"""The form of scripted responses: what it says is checked as it will be read, and only those who may approve it do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_to
from case_management.exceptions import InvalidConfiguration
from case_management.models import ScriptedResponse, Topic, Unit
from case_management.models.wording import ScriptedState
from case_management.ui.setup.forms import NodeField
from case_management.ui.setup.versions import VersionedForm
from case_management.wordsmith import Prompt, prompts_of, tokens, with_outcome
from case_management.wordsmith.authoring import check_text, prompts_in_lines, read_prompts, require_used


def responses_for(user: Any) -> Any:
    """Every version, with what became of the cases that ``user`` may see."""
    rows = ScriptedResponse.objects.select_related("topic", "source", "case_type", "unit")
    return with_outcome(rows, visible_to(user))


def reopened_share(response: Any) -> str:
    """How many of the cases that were closed with it were reopened."""
    if not response.closed:
        return "–"
    share = round(100 * response.reopened / response.closed)
    return _("%(reopened)d of %(closed)d (%(share)d %%)") % {
        "reopened": response.reopened,
        "closed": response.closed,
        "share": share,
    }


def questions(response: ScriptedResponse) -> str:
    """What it asks, a line each."""
    return prompts_in_lines(prompts_of(response))


class ScriptedResponseForm(VersionedForm):
    """A wording and for which cases it is."""

    substance = ("subject", "body", "questions", "language", "topic", "case_type", "source", "unit")
    derived = {"questions": questions}
    questions = forms.CharField(
        label=gettext_lazy("Prompts"), required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy(
            "What the agent has to fill in, a line each: the name in the text, a colon, the question. "
            "DETAILS FROM CUSTOMER: What did the customer tell us?"
        ),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    topic = NodeField(
        Topic.objects.order_by("path"), label=gettext_lazy("Topic"), required=False,
        help_text=gettext_lazy("And every topic below."),
    )  # fmt: skip
    unit = NodeField(
        Unit.objects.order_by("path"), label=gettext_lazy("Unit"), required=False,
        help_text=gettext_lazy("And every unit below."),
    )  # fmt: skip

    class Meta:
        model = ScriptedResponse
        fields = (
            "name", "key", "subject", "body", "questions", "keywords", "language", "topic", "case_type", "source",
            "unit", "state",
        )  # fmt: skip
        widgets = {"body": forms.Textarea(attrs={"rows": 12, "dir": "auto"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "language" in self.fields:
            self.fields["language"].choices = [("", gettext_lazy("Every language")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        if "body" in self.fields:
            names = " ".join(f"[[{name}]]" for name in tokens)
            self.fields["body"].help_text = f"{self.fields['body'].help_text} {_('Tokens: %s') % names}"
        if self.is_change:
            self.initial.setdefault("questions", questions(self.instance))

    @property
    def may_approve(self) -> bool:
        """Whether the person has the right to approve wording."""
        return bool(self.acting.has_perm("case_management.approve_scriptedresponse"))

    def clean_questions(self) -> str:
        """Read as prompts."""
        try:
            self.prompts = read_prompts(self.cleaned_data["questions"])
        except InvalidConfiguration as error:
            raise forms.ValidationError(error.message) from error
        return prompts_in_lines(self.prompts)

    def clean(self) -> dict[str, Any]:
        """Approving is a right of its own; a changed text needs it again. Names in brackets have to be known."""
        cleaned = super().clean()
        touched = bool({"state", *self.substance} & set(self.changed_data)) or not self.is_change
        if cleaned.get("state") == ScriptedState.APPROVED and touched and not self.may_approve:
            self.add_error("state", _("You may write drafts; ask somebody who may approve wording."))
        if self._takes_approval_back(cleaned):
            self.add_error("state", _("What was approved may have been sent: retire it, or change its text."))
        if "questions" not in self.errors:
            self._check_texts(cleaned)
        return cleaned

    def _takes_approval_back(self, cleaned: dict[str, Any]) -> bool:
        if cleaned.get("state") != ScriptedState.DRAFT or set(self.substance) & set(self.changed_data):
            return False
        return self.is_change and self.is_published(self.stored())

    def _check_texts(self, cleaned: dict[str, Any]) -> None:
        prompts: list[Prompt] = self.prompts
        for name in ("subject", "body"):
            try:
                check_text(cleaned.get(name) or "", prompts, is_subject=name == "subject")
            except InvalidConfiguration as error:
                self.add_error(name, error.message)
        if not {"subject", "body"} & set(self.errors):
            try:
                require_used([cleaned["subject"], cleaned["body"]], prompts)
            except InvalidConfiguration as error:
                self.add_error("questions", error.message)

    @transaction.atomic
    def save(self, commit: bool = True) -> Any:
        """Remember who approved and when; the version before goes out of use."""
        response = self.instance
        response.prompts = [{"name": prompt.name, "label": prompt.label} for prompt in self.prompts]
        if self.cleaned_data["state"] == ScriptedState.APPROVED:
            if {"state", *self.substance} & set(self.changed_data):
                response.approved_by, response.approved_at = self.acting, timezone.now()
            others = ScriptedResponse.objects.filter(key=response.key, state=ScriptedState.APPROVED)
            others.exclude(pk=response.pk).update(state=ScriptedState.RETIRED)
        return super().save()

    def is_published(self, stored: ScriptedResponse) -> bool:
        """What was approved once may have been sent."""
        return bool(stored.state != ScriptedState.DRAFT)

    def retire(self, stored: ScriptedResponse) -> None:
        """The wording before stays in use until the new one is approved; a draft is approved by nobody yet."""
        if self.cleaned_data["state"] == ScriptedState.APPROVED:
            ScriptedResponse.objects.filter(pk=stored.pk).update(state=ScriptedState.RETIRED)
        else:
            self.instance.approved_by = self.instance.approved_at = None
