"""How notifications leave the house; a host registers its own channel."""

from case_management.notifications.channels import email  # noqa: F401 - it registers
from case_management.notifications.channels.base import Channel, Refused, Unreachable, channels

__all__ = ["Channel", "Refused", "Unreachable", "channels"]
