"""One pass, plain text: whatever a customer is called stays what it is, and no place goes out empty."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_management.exceptions import InvalidConfiguration, LockedPartChanged, PromptsUnanswered, TextTooLong
from case_management.wordsmith import MOST_BYTES, Prompt, complete, fill, locked_parts, parse, require_locked
from case_management.wordsmith.authoring import check_text, prompts_in_lines, read_prompts, require_used
from tests.wordsmith.payloads import PAYLOADS

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
WITHOUT_TOKENS = TEXTS.filter(lambda text: "[[" not in text)
NAMES = st.sampled_from(["CUSTOMER NAME", "CASE REFERENCE", "DETAILS", "SIGNATURE"])
VALUES = st.one_of(TEXTS, st.sampled_from(PAYLOADS), NAMES.map(lambda name: f"[[{name}]]"))


@given(WITHOUT_TOKENS)
def test_a_text_without_tokens_comes_back_as_it_was(text):
    assert fill(parse(text), {}).text == text
    assert complete(text, {}).text == text


PIECES = st.lists(
    st.tuples(st.booleans(), NAMES, TEXTS.map(lambda text: text.replace("[", "").replace("]", ""))), max_size=8
)


@given(PIECES, VALUES, VALUES)
def test_what_is_put_in_is_never_read_again(pieces, customer, details):
    values = {"CUSTOMER NAME": customer, "DETAILS": details}
    text = "".join(f"[[{name}]]" if is_slot else words for is_slot, name, words in pieces)
    expected = [(values.get(name) or f"[[{name}]]") if is_slot else words for is_slot, name, words in pieces]
    assert fill(parse(text), values).text == "".join(expected)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_name_is_a_name(payload):
    body = "Dear [[CUSTOMER NAME]],\n\n[[DETAILS]]\n\n[[SIGNATURE]]"
    filled = fill(parse(body), {"CUSTOMER NAME": payload, "SIGNATURE": "Ann"})
    assert filled.text == f"Dear {payload},\n\n[[DETAILS]]\n\nAnn"
    assert filled.open_names == ["DETAILS"]
    sent = complete(filled.text, {"DETAILS": payload}, literal=[payload])
    assert sent.require_complete() == f"Dear {payload},\n\n{payload}\n\nAnn"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_template_is_a_text(payload):
    if payload.startswith("[["):
        with pytest.raises(InvalidConfiguration):
            check_text("[[CUSTOMER NMAE]]", [])
        return
    check_text(payload, [])
    assert fill(parse(payload), {"CUSTOMER NAME": "Robin"}).text == payload


def test_a_place_without_an_answer_keeps_the_letter_from_going():
    left = complete("[[details  from customer]] and [[AMOUNT]]", {"AMOUNT": "5 £"})
    with pytest.raises(PromptsUnanswered, match=r"\[\[DETAILS FROM CUSTOMER\]\]") as refused:
        left.require_complete()
    assert refused.value.details["names"] == ["DETAILS FROM CUSTOMER"]


def test_brackets_around_nothing_and_single_ones_are_text():
    text = "[[ ]] [x] [[a\nb]] ]] [[ [[x[y]]"
    assert fill(parse(text), {}).text == text
    assert complete(text, {}).require_complete() == text


def test_nothing_longer_than_the_limit_is_built():
    with pytest.raises(TextTooLong):
        fill(parse("[[SIGNATURE]]" * 20_000), {"SIGNATURE": "x" * 10_000})
    with pytest.raises(TextTooLong):
        complete("[[A]]" * 300, {"A": "ü" * 1000})
    assert len(fill(parse("[[A]]"), {"A": "x" * MOST_BYTES}).text) == MOST_BYTES


@pytest.mark.parametrize("text", ["[[" * 100_000, "[[A]]" * 50_000, "[[" + "A" * 250_000, "]][[" * 60_000], ids=len)
def test_a_long_text_is_read_once_and_not_again_for_each_letter(text):
    start = time.process_time()
    for act in (lambda: fill(parse(text), {"A": "x"}), lambda: complete(text, {"A": "x"}, literal=["[[B]]", "[["])):
        try:
            act()
        except TextTooLong:
            continue
    assert time.process_time() - start < 20, "what grows with the square of the length takes minutes"


class TestAuthoring:
    """What an author may write."""

    prompts = [Prompt("DETAILS FROM CUSTOMER", "What?")]

    def test_an_unknown_name_is_refused_with_the_nearest_one(self):
        with pytest.raises(InvalidConfiguration, match=r"\[\[CUSTOMER NAME\]\]"):
            check_text("Dear [[CUSTOMER NMAE]]", self.prompts)
        with pytest.raises(InvalidConfiguration, match=r"did you mean \[\[DETAILS FROM CUSTOMER\]\]"):
            check_text("[[DETAIL FROM CUSTOMER]]", self.prompts)
        with pytest.raises(InvalidConfiguration, match="declare it"):
            check_text("[[ZZZ]]", self.prompts)

    def test_known_names_are_accepted_however_they_are_written(self):
        check_text("[[customer name]] [[ Details  From Customer ]]", self.prompts)

    def test_a_subject_has_one_line_and_no_locked_part(self):
        for text in ("[[SIGNATURE]]", "[[LOCKED]]x[[/LOCKED]]"):
            with pytest.raises(InvalidConfiguration):
                check_text(text, [], is_subject=True)

    def test_prompts_are_read_from_lines_and_written_back(self):
        prompts = read_prompts("details: What happened?\n\n[[AMOUNT]] : How much?\nBY WHEN")
        assert prompts == [
            Prompt("DETAILS", "What happened?"),
            Prompt("AMOUNT", "How much?"),
            Prompt("BY WHEN", "By when"),
        ]
        assert read_prompts(prompts_in_lines(prompts)) == prompts

    @pytest.mark.parametrize("lines", ["CUSTOMER NAME: x", "LOCKED: x", "a: x\nA: y", "x]y: z", ": z"])
    def test_a_prompt_that_cannot_be_is_refused(self, lines):
        with pytest.raises(InvalidConfiguration):
            read_prompts(lines)

    def test_a_prompt_that_stands_nowhere_is_refused(self):
        with pytest.raises(InvalidConfiguration, match="DETAILS"):
            require_used(["Hello"], self.prompts)


class TestLocks:
    """Parts that agents may not edit."""

    wording = parse("Dear [[CUSTOMER NAME]],\n[[LOCKED: terms]]It takes [[DAYS]] days,\nnever more.[[/LOCKED]]\nBye")
    parts = locked_parts(wording, {"CUSTOMER NAME": "Robin"})

    def test_the_marks_are_not_in_the_letter(self):
        assert (
            fill(self.wording, {"CUSTOMER NAME": "R", "DAYS": "5"}).text
            == "Dear R,\nIt takes 5 days,\nnever more.\nBye"
        )

    @pytest.mark.parametrize("text", [
        "Dear R,\nIt takes 5 days,\nnever more.\nBye", "Hello\r\nIt takes five  days,\r\n never more.", 
    ])  # fmt: skip
    def test_what_stands_around_it_and_the_answers_are_free(self, text):
        require_locked(self.parts, text)

    @pytest.mark.parametrize("text", ["", "It takes 5 days, perhaps more.", "never more. It takes 5 days,"])
    def test_a_change_is_refused_by_the_name_of_the_part(self, text):
        with pytest.raises(LockedPartChanged, match="terms") as refused:
            require_locked(self.parts, text)
        assert refused.value.details["original"] == "It takes [[DAYS]] days,\nnever more."

    def test_the_whole_text_can_be_locked(self):
        parts = locked_parts(self.wording, {"CUSTOMER NAME": "Robin"}, whole=True)
        require_locked(parts, "Dear Robin, It takes 9 days, never more. Bye")
        with pytest.raises(LockedPartChanged):
            require_locked(parts, "Dear Rob, It takes 9 days, never more. Bye")

    @pytest.mark.parametrize("text", ["[[LOCKED]]x", "x[[/LOCKED]]", "[[LOCKED]][[LOCKED]]x[[/LOCKED]][[/LOCKED]]"])
    def test_a_part_that_is_not_closed_is_refused(self, text):
        with pytest.raises(InvalidConfiguration):
            check_text(text, [])
