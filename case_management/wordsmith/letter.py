"""What a letter is about: the case, who writes it, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from case_management.models import Case


@dataclass(frozen=True)
class Letter:
    """The facts that tokens look at. Rendering reads nothing else: hand over a case with its related rows loaded."""

    case: Case
    agent: Any
    signature: str = ""
