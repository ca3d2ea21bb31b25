"""How notifications leave the house; a host registers its own channel."""

from case_management.notifications.channels import email, webhook  # noqa: F401 - they register
from case_management.notifications.channels.base import Channel, Refused, Unreachable, channels

__all__ = ["Channel", "Refused", "Unreachable", "channels"]
