"""E-mail: text and HTML, a deep link, and the same Message-ID on every attempt."""

from __future__ import annotations

import smtplib
from email.errors import MessageError
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
        self.post(_message(notification))

    def post(self, message: EmailMultiAlternatives) -> str:
        """Send one mail to exactly its recipients; returns who of them the server refused, and why.

        Refused for what no retry makes better, also where it refused all of them; Unreachable otherwise.
        """
        message.connection = self._connection
        refused = self._listen()
        try:
            message.send()
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            raise _verdict(error) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unreachable(f"{type(error).__name__}: {error}", whole_channel=True) from error
        except (ValueError, MessageError) as error:  # bad header: no retry makes it better
            raise Refused(f"{type(error).__name__}: {error}") from error
        return "; ".join(f"{address}: {code} {reason!r}" for address, (code, reason) in sorted(refused.items()))[:2000]

    def _listen(self) -> dict[str, Any]:
        """What smtplib returns of those whom the server refused while it took others; Django drops it."""
        smtp, refused = getattr(self._connection, "connection", None), dict[str, Any]()
        if isinstance(smtp, smtplib.SMTP):
            send = type(smtp).sendmail

            def heard(*args: Any, **kwargs: Any) -> dict[str, Any]:
                refused.update(send(smtp, *args, **kwargs))
                return refused

            smtp.sendmail = heard  # type: ignore[method-assign]
        return refused

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
