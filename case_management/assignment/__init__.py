"""Who should work a case: a chain of strategies narrows the candidates until one is left."""

from case_management.assignment.chain import Chain, Choice, Options, Setting, choose, in_order, pick
from case_management.assignment.roster import Roster
from case_management.assignment.strategies import Candidate, Known, Strategy, strategies

__all__ = [
    "Candidate", "Chain", "Choice", "Known", "Options", "Roster", "Setting", "Strategy", "choose", "in_order", "pick",
    "strategies",
]  # fmt: skip
