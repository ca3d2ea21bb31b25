"""Send scripted responses and forwards by a rule: through the same operations, undo window and thread as by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.domain.mail_addresses import is_address
from case_management.domain.states import DONE
from case_management.exceptions import CaseManagementError, GateNotMet
from case_management.models import Case, Message, ScriptedResponse, Signature, Unit
from case_management.models.wording import ScriptedState
from case_management.operations import MessageDraft, forward_case, reply_to_case
from case_management.operations.conversation import answer_for
from case_management.operations.forward_details import Detail, details_text
from case_management.rules.actions.base import Action, Firing, KeyField, WordsField, actions
from case_management.wordsmith import Letter, compose, prompts_of


class ResponseField(KeyField):
    """An approved response that asks nothing of whoever sends it: a rule cannot answer."""

    def __init__(self, **kwargs: Any) -> None:
        approved = ScriptedResponse.objects.filter(state=ScriptedState.APPROVED).order_by("name")
        super().__init__(approved, required=True, **kwargs)

    def clean(self, value: Any) -> Any:
        """The version that is approved now."""
        found = super().clean(value)
        if asked := [prompt.name for prompt in prompts_of(found)]:
            raise forms.ValidationError(
                _("This response asks for %s, which a rule cannot answer; choose one without prompts.")
                % ", ".join(asked)
            )
        return found


@dataclass(frozen=True)
class _Desk:
    """Who writes where nobody is responsible: the unit, by the name under which it sends."""

    name: str
    first_name: str = ""

    def get_full_name(self) -> str:
        """The name."""
        return self.name

    get_username = get_full_name


def _letter(case: Case) -> Letter:
    step, path = int(Unit.steplen), case.unit.path if case.unit else ""
    above = [path[:end] for end in range(step, len(path) + 1, step)]
    offered = Signature.objects.filter(Q(unit=None) | Q(unit__path__in=above), owner=None).select_related("unit")
    nearest = max(offered, key=lambda row: row.unit.depth if row.unit else 0, default=None)
    name = (case.unit.sender_name or case.unit.name) if case.unit else _("Customer service")
    return Letter(case, case.assignee or _Desk(name), nearest.text.strip() if nearest else "")


def _key(firing: Firing, kind: str) -> str:
    """The same however often the rule is asked, so that there is one message."""
    return "rule:" + sha256(f"{kind}:{firing.row.key}".encode()).hexdigest()


def _loaded(firing: Firing) -> Case:
    rows = Case.objects.select_related("contact", "topic", "unit", "team", "assignee")
    case: Case = rows.get(pk=firing.case.pk if firing.case else 0)
    return case


class _Sent(Action):
    """Base of what writes one message for each case."""

    key: ClassVar[str]

    @classmethod
    def write(cls, firing: Firing, parameters: Mapping[str, Any], by: Actor) -> Message:
        """Write it, or raise why not."""
        raise NotImplementedError

    @classmethod
    def act(cls, firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """One by one: each is a letter of its own."""
        for firing in firings:
            if firing.case is None:
                continue
            try:
                message = cls.write(firing, parameters, by)
                firing.note({"action": cls.key, "message": message.pk})
            except CaseManagementError as error:
                firing.note({"action": cls.key, "refused": str(error)})


@actions.registered("respond")
class Respond(_Sent):
    """Answer the customer with an approved response; a machine's message is never answered."""

    key, label = "respond", gettext_lazy("Send a scripted response")

    class Parameters(forms.Form):
        """``response``: the key of an approved response without prompts."""

        response = ResponseField(label=gettext_lazy("Scripted response"))

    @classmethod
    def write(cls, firing: Firing, parameters: Mapping[str, Any], by: Actor) -> Message:
        """Fill it in and reply."""
        event, case = firing.row.event, _loaded(firing)
        if event is not None and event.payload.get("automatic"):
            raise GateNotMet(_("A machine wrote the message; it gets no answer."))
        composed, answer = compose(parameters["response"], _letter(case)), answer_for(case)
        if composed.questions:
            asked = ", ".join(question.name for question in composed.questions)
            raise GateNotMet(_("The case does not know %s, which the response needs.") % asked)
        draft = MessageDraft(
            to=tuple(answer.to), subject=composed.subject or answer.subject, text=composed.body,
            response=composed.response, key=cls.key_for(firing),
        )  # fmt: skip
        return reply_to_case(case, draft, by=by)

    @classmethod
    def key_for(cls, firing: Firing) -> str:
        """One for each firing."""
        return _key(firing, cls.key)


@actions.registered("ask_satisfaction")
class AskSatisfaction(Respond):
    """Send a response that asks for the customer's opinion, once per case, when it is resolved for the first time."""

    key, label = "ask_satisfaction", gettext_lazy("Ask for satisfaction")

    @classmethod
    def write(cls, firing: Firing, parameters: Mapping[str, Any], by: Actor) -> Message:
        """Only after the first resolving."""
        if firing.case is None or firing.case.state not in DONE or firing.case.reopen_count:
            raise GateNotMet(_("Satisfaction is asked for once: when a case is resolved for the first time."))
        return super().write(firing, parameters, by)

    @classmethod
    def key_for(cls, firing: Firing) -> str:
        """One for each case, whichever rule asks."""
        return f"satisfaction:{firing.case.pk if firing.case else 0}"


class AddressesField(WordsField):
    """E-mail addresses."""

    def clean(self, value: Any) -> list[str]:
        """Each one checked."""
        words = super().clean(value)
        if wrong := [word for word in words if not is_address(word)]:
            raise forms.ValidationError(_("Not an e-mail address: %s.") % ", ".join(wrong))
        return words


@actions.registered("forward")
class Forward(_Sent):
    """Send what is ticked of the case to addresses outside; it gives nobody a right to the case."""

    key, label = "forward", gettext_lazy("Forward by e-mail")

    class Parameters(forms.Form):
        """``to``: addresses; ``text``: the words before the details; ``details``: parts of the case."""

        to = AddressesField(label=gettext_lazy("To"))
        text = forms.CharField(
            min_length=1, max_length=4000, label=gettext_lazy("Text"), widget=forms.Textarea(attrs={"rows": 3})
        )
        details = forms.MultipleChoiceField(
            choices=[pair for pair in Detail.choices if pair[0] != Detail.FILES], required=False,
            label=gettext_lazy("Details"), widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip

    @classmethod
    def write(cls, firing: Firing, parameters: Mapping[str, Any], by: Actor) -> Message:
        """The words, then the details."""
        case = _loaded(firing)
        parts = [parameters["text"], details_text(case, parameters["details"])]
        draft = MessageDraft(
            to=tuple(parameters["to"]), subject=f"{case.reference}: {case.title}"[:250],
            text="\n\n".join(part for part in parts if part), key=_key(firing, cls.key),
        )  # fmt: skip
        return forward_case(case, draft, by=by)


@actions.registered("stop")
class Stop(Action):
    """Later rules are not asked where this one acted."""

    label = gettext_lazy("Stop: ask no later rule")

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """The engine looks for it; here it is only written down."""
        for firing in firings:
            firing.note({"action": "stop"})
