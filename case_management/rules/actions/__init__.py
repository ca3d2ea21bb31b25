"""What rules can do: each action checks its own parameters and acts on many firings at once."""

from case_management.rules.actions import alert, assign, escalate, notify, open_case, tag  # noqa: F401 - they register
from case_management.rules.actions.base import Action, Firing, actions

__all__ = ["Action", "Firing", "actions"]
