"""Scripted responses put into words: tokens and prompts in double brackets, filled in one pass; plain text, no code."""

from case_management.wordsmith.composing import Composed, compose, finished
from case_management.wordsmith.filling import Filled, complete, fill
from case_management.wordsmith.letter import Letter
from case_management.wordsmith.library import Fit, library, prompts_of, with_outcome
from case_management.wordsmith.locks import LockedPart, locked_parts, require_locked
from case_management.wordsmith.signatures import SignatureChoice, chosen_signature, signatures_for, signed
from case_management.wordsmith.tokens import Token, tokens, values_of
from case_management.wordsmith.written import MOST_BYTES, Prompt, Wording, parse

__all__ = [
    "MOST_BYTES", "Composed", "Filled", "Fit", "Letter", "LockedPart", "Prompt", "SignatureChoice", "Token", "Wording",
    "chosen_signature", "complete", "compose", "fill", "finished", "library", "locked_parts", "parse", "prompts_of",
    "require_locked", "signatures_for", "signed", "tokens", "values_of", "with_outcome",
]  # fmt: skip
