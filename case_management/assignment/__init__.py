"""Who should work a case: a chain of strategies narrows the candidates until one is left."""

from case_management.assignment.chain import Choice, choose
from case_management.assignment.strategies import Strategy, strategies

__all__ = ["Choice", "Strategy", "choose", "strategies"]
