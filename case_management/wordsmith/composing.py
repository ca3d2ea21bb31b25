"""From a response and a case to a letter, and the check that a letter may go as it was sent in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from case_management import conf
from case_management.models import ScriptedResponse
from case_management.wordsmith.filling import Filled, complete, fill
from case_management.wordsmith.letter import Letter
from case_management.wordsmith.library import prompts_of
from case_management.wordsmith.locks import LockedPart, locked_parts, require_locked
from case_management.wordsmith.tokens import tokens, values_of
from case_management.wordsmith.written import Prompt, Wording, parse


@dataclass(frozen=True)
class Composed:
    """A response in the words of one case; ``questions`` are what the agent still has to fill in."""

    response: ScriptedResponse
    subject: str
    body: str
    questions: tuple[Prompt, ...]
    locked: tuple[LockedPart, ...]

    @property
    def signs(self) -> bool:
        """Whether the text ends with the signature by itself."""
        return "SIGNATURE" in parse(self.response.body).names()


def compose(response: ScriptedResponse, letter: Letter) -> Composed:
    """Fill in all that the case knows. No query when the case's related rows are loaded."""
    subject, body = parse(response.subject), parse(response.body)
    values = values_of(letter, [*subject.names(), *body.names()])
    filled = [_on_one_line(fill(subject, values)), fill(body, values)]
    asked = dict.fromkeys(name for text in filled for name in text.open_names)
    return Composed(
        response,
        filled[0].text,
        filled[1].text,
        tuple(_question(name, response) for name in asked),
        tuple(_locks(body, values)),
    )


def finished(
    letter: Letter, texts: tuple[str, str], answers: Mapping[str, str], response: ScriptedResponse | None = None
) -> tuple[str, str]:
    """Subject and body as they go out: ``texts`` as the agent left them, with the answers put in, in one pass.

    Raises PromptsUnanswered while a place in brackets is empty, and LockedPartChanged where the agent edited what
    ``response`` locks. What only looks like a place, because a customer's name has brackets, goes out as it is.
    """
    values = values_of(letter)
    written = (text.replace("\r\n", "\n") for text in texts)
    subject, body = (complete(text, answers, literal=values.values()) for text in written)
    open_names = Filled(open_names=list(dict.fromkeys([*subject.open_names, *body.open_names])))
    open_names.require_complete()
    if response is not None:
        require_locked(_locks(parse(response.body), values), body.text)
    return _on_one_line(subject).text, body.text


def _locks(body: Wording, values: Mapping[str, str]) -> list[LockedPart]:
    return locked_parts(body, values, whole=conf.responses_locked())


def _question(name: str, response: ScriptedResponse) -> Prompt:
    """What was declared; a token of which the case knows nothing is asked for by its label."""
    declared = {prompt.name: prompt for prompt in prompts_of(response)}
    if name in declared:
        return declared[name]
    label = str(tokens.get(name).label) if name in tokens else name.capitalize()
    return Prompt(name, _("%s (not known)") % label if name in tokens else label)


def _on_one_line(filled: Filled) -> Filled:
    return Filled([" ".join(filled.text.split())], filled.open_names)
