"""The wording of notification mail: templates per kind, text and HTML, without headers that customers could forge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import override as in_zone

from case_management.domain.mail_text import one_line
from case_management.models import Case, Message, Notification
from case_management.notifications.links import workspace_url
from case_management.notifications.subscriptions import FAILED


@dataclass(frozen=True)
class Letter:
    """What is sent."""

    subject: str
    text: str
    html: str


def write_letter(notification: Notification) -> Letter:
    """Render the letter of a notification's kind, in UTC and the site's language."""
    context = _context(notification)
    with in_zone("UTC"), translation.override(settings.LANGUAGE_CODE):
        subject = _render(notification.kind, "subject.txt", context)
        return Letter(
            one_line(subject),
            _render(notification.kind, "txt", context).strip() + "\n",
            _render(notification.kind, "html", context),
        )


def _render(kind: str, part: str, context: dict[str, Any]) -> str:
    names = [f"case_management/mail/{kind}.{part}", f"case_management/mail/default.{part}"]
    return render_to_string(names, context)


def _context(notification: Notification) -> dict[str, Any]:
    case = notification.case
    return {
        "notification": notification,
        "case": case,
        "words": _customers_words(case) if case else "",
        "recipient": notification.recipient,
        "link": workspace_url("case", case.reference)
        if case
        else notification.context.get("link", workspace_url("list")),
        "failed": _failed(notification),
        **notification.context,
    }


def _customers_words(case: Case) -> str:
    first = case.interactions.order_by("occurred_at").first()
    return (first.comment if first else "") or case.description


def _failed(notification: Notification) -> Message | None:
    """The letter that did not arrive, with what the mail server said."""
    if notification.kind != FAILED or notification.event is None:
        return None
    wanted = notification.event.payload["message"]
    found: Message | None = Message.objects.select_related("delivery").filter(pk=wanted).first()
    return found
