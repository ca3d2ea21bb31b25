"""The part of a form that uses scripted responses: choosing one, answering its prompts, the check before sending."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import Any, Self

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, LockedPartChanged, PromptsUnanswered
from case_management.models import ScriptedResponse
from case_management.models.wording import ScriptedState
from case_management.ui.forms.writing import WritingForm
from case_management.wordsmith import (
    Composed,
    Letter,
    compose,
    finished,
    library,
)
from case_management.wordsmith.signatures import CUSTOM

#: The button that puts the chosen response into the form; nothing is sent.
USE = "use_response"
RIGHT = "case_management.view_scriptedresponse"
#: How the fields begin that answer prompts.
ANSWER = "answer_"


def answer_field(name: str) -> str:
    """How the field is called that answers the prompt ``name``, which may hold any letters."""
    return f"{ANSWER}{sha256(name.encode()).hexdigest()[:10]}"


class ScriptedForm(WritingForm):
    """Base of forms that write to the customer; a response fills ``subject`` and ``text``."""

    response = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    pick = forms.ChoiceField(label=gettext_lazy("Scripted response"), required=False)

    #: The words of a locked part that somebody changed, to be put back.
    original = ""

    @property
    def may_pick(self) -> bool:
        """Whether the person may use scripted responses."""
        return bool(self.desk.user.has_perm(RIGHT))

    def _asked_for(self) -> Any:
        if self.is_bound:
            return self.data.get("response")
        return self.initial.get("response") or self.desk.response

    @cached_property
    def picked(self) -> ScriptedResponse | None:
        """The version that is in use; one that was retired meanwhile may still go."""
        asked = str(self._asked_for() or "")
        if not asked.isdecimal() or not self.may_pick:
            return None
        known = ScriptedResponse.objects.exclude(state=ScriptedState.DRAFT)
        return known.filter(pk=int(asked[:18])).first()

    def letter(self) -> Letter:
        """What the tokens are filled from."""
        given = self.data if self.is_bound else self.initial
        chosen = str(given.get("signature") or "")
        if chosen == CUSTOM:
            return Letter(self.case, self.desk.user, str(given.get("own_words") or ""))
        offered = {str(key) for key, _label in self.fields["signature"].choices}  # type: ignore[attr-defined]
        return Letter(self.case, self.desk.user, self.desk.writing.ending(chosen) if chosen in offered else "")

    @cached_property
    def composed(self) -> Composed | None:
        """The response in use, in the words of the case."""
        return compose(self.picked, self.letter()) if self.picked else None

    def arrange(self) -> None:
        """Offer the library, and a field for each prompt of the response in use."""
        super().arrange()
        if not self.may_pick:
            del self.fields["pick"], self.fields["response"]
            return
        self.fields["pick"].choices = self._library()  # type: ignore[attr-defined]
        if self.composed is None:
            return
        for prompt in self.composed.questions:
            area = forms.Textarea(attrs={"rows": 2, "dir": "auto", "data-cm-prompt": prompt.name})
            self.fields[answer_field(prompt.name)] = forms.CharField(label=prompt.label, required=False, widget=area)
        if not self.is_bound and not self.initial.get("response"):
            self._fill(self.composed)

    def _library(self) -> list[Any]:
        fits = library(self.case, with_usage=False)
        near = [(fit.response.pk, fit.response.name) for fit in fits if fit.fits]
        far = [(fit.response.pk, f"{fit.response.name} ({', '.join(fit.misfits)})") for fit in fits if not fit.fits]
        choices: list[Any] = [("", _("Select applicable scripted response"))]
        return [*choices, (_("For this case"), near), *([(_("For other cases"), far)] if far else [])]

    def prompts(self) -> list[forms.BoundField]:
        """The fields of the prompts."""
        names = [answer_field(prompt.name) for prompt in self.composed.questions] if self.composed else []
        return [self[name] for name in names]

    def back(self) -> list[forms.BoundField]:
        """The picker and the prompts have places of their own."""
        return [field for field in super().back() if field.name != "pick" and not field.name.startswith(ANSWER)]

    def whole_text(self) -> str:
        """A response that signs by itself gets no second signature."""
        if self.composed is not None and self.composed.signs:
            return str(self.cleaned_data["text"]).rstrip()
        return super().whole_text()

    def redrawn(self) -> Self | None:
        """After “Use this response”: the same form with the response in it, and everything that was typed."""
        if USE not in self.data or not self.may_pick:
            return None
        chosen = self.data.get("pick") or ""
        fresh = type(self)(desk=self.desk.with_response(chosen or self.data.get("response", "")))
        self._keep_uploads(self.case, Actor.from_user(self.desk.user))
        for form in fresh.parts():
            for name, field in form.fields.items():
                typed = field.widget.value_from_datadict(self.data, {}, form.add_prefix(name))
                if typed is not None and name != "response":
                    form.initial[name] = typed
        if fresh.composed and chosen:
            fresh._fill(fresh.composed, typed=self._own_words())
        return fresh

    def _own_words(self) -> str:
        """What was typed, unless it is just the response that was in use before."""
        typed = str(self.data.get("text", "")).replace("\r\n", "\n").strip()
        return "" if self.composed is not None and typed == self.composed.body.strip() else typed

    def parts(self) -> list[forms.Form]:
        """This form, and those that are sent along with it."""
        return [self]

    def _fill(self, composed: Composed, typed: str = "") -> None:
        """What stood there already is kept above the response."""
        body = f"{typed}\n\n{composed.body}" if typed and typed not in composed.body else composed.body
        self.initial.update({"response": composed.response.pk, "subject": composed.subject, "text": body})

    def clean(self) -> dict[str, Any]:
        """Put the answers in; what may not go as it is, is refused here, so that a preview is as strict as sending."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"subject", "text"} & set(self.errors):
            return cleaned
        try:
            cleaned["subject"], cleaned["text"] = self._finished(cleaned)
        except CaseManagementError as error:
            self.refuse(error)
        return cleaned

    def _finished(self, cleaned: dict[str, Any]) -> tuple[str, str]:
        questions = self.composed.questions if self.composed else ()
        answers = {prompt.name: cleaned.get(answer_field(prompt.name), "") for prompt in questions}
        texts = cleaned.get("subject", ""), cleaned.get("text", "")
        return finished(self.letter(), texts, answers, self.picked)

    def gates(self) -> dict[str, str]:
        """What is wrong with a letter stands at its text."""
        return {**super().gates(), "body": "text"}

    def refuse(self, error: CaseManagementError) -> None:
        """Unanswered prompts are marked at their fields; of a locked part the original is shown."""
        if isinstance(error, LockedPartChanged):
            self.original = error.details["original"]
        super().refuse(error)
        if isinstance(error, PromptsUnanswered):
            for name in map(answer_field, error.details["names"]):
                if name in self.fields:
                    self.add_error(name, _("This is needed."))
