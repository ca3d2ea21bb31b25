"""What rules can do: each action checks its own parameters and acts on many firings at once."""

# They register themselves, in the order in which the builder offers them.
from case_management.rules.actions import open_case, assign, change, reroute, tag, set_field, settle, escalate  # noqa: F401, I001
from case_management.rules.actions import respond, notify, alert, webhook  # noqa: F401
from case_management.rules.actions.base import Action, Firing, actions

__all__ = ["Action", "Firing", "actions"]
