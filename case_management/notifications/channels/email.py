"""E-mail: text and HTML, a deep link, and the same Message-ID on every attempt."""

from __future__ import annotations

import smtplib
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from case_management import conf
from case_management.models import Notification
from case_management.notifications.channels.base import Refused, Unreachable, channels
from case_management.notifications.letters import write_letter


@channels.registered("email")
class EmailChannel:
    """Through Django's configured mail backend, one connection for many letters."""

    label: ClassVar[str] = "E-mail"

    def __init__(self) -> None:
        connection: Any = get_connection(fail_silently=False)
        connection.timeout = conf.email_timeout()
        self._connection = connection

    def open(self) -> None:
        """Connect; Unreachable (the whole channel) when the server does not answer."""
        try:
            self._connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}", whole_channel=True) from error

    def send(self, notification: Notification) -> None:
        """Send one letter to exactly one address."""
        message = _message(notification)
        message.connection = self._connection
        try:
            message.send()
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            raise _verdict(error) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unreachable(f"{type(error).__name__}: {error}", whole_channel=True) from error
        except ValueError as error:  # bad header: no retry makes it better
            raise Refused(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Say goodbye to the server."""
        try:
            self._connection.close()
        except (OSError, smtplib.SMTPException):
            self._connection.connection = None


def _message(notification: Notification) -> EmailMultiAlternatives:
    address = notification.address or str(getattr(notification.recipient, "email", ""))
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(f"“{address}” is not an e-mail address.") from error
    letter = write_letter(notification)
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=conf.email_from(),
        to=[address],
        headers={
            "Message-ID": notification.message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def _verdict(error: smtplib.SMTPException) -> Refused | Unreachable:
    codes = [getattr(error, "smtp_code", 0)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    refused = all(500 <= int(code) < 600 for code in codes)
    return (Refused if refused else Unreachable)(f"{type(error).__name__}: {error}"[:500])
