"""What the host adds: a strategy, an action, two fields, a reactor, a channel, a customer model and a listener."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.assignment import Strategy, strategies
from case_management.models.contact import CustomerModel, customer_models
from case_management.notifications.channels import Refused, channels
from case_management.rules.actions import Action, actions
from case_management.rules.fields import Field, Kind, case_fields, interaction_fields
from case_management.signals import case_event_recorded
from case_management.timeline.reactions import Reactor, reactors


class LastByName(Strategy):
    """Whoever comes last in the alphabet."""

    label = _("Last by name")

    @staticmethod
    def narrow(case, candidates, known):
        """One candidate."""
        return [max(candidates, key=lambda candidate: candidate.username)]


class RingBell(Action):
    """Rings a bell at the unit."""

    label = _("Ring the bell")
    rung: list[tuple[str, int]] = []

    class Parameters(forms.Form):
        """``times``: how often."""

        times = forms.IntegerField(min_value=1, max_value=5)

    @staticmethod
    def act(firings, parameters, *, by):
        """Ring, and say so in the trace."""
        for firing in firings:
            RingBell.rung.append((str(firing.case or firing.interaction), parameters["times"]))
            firing.note({"action": "ring_bell", "times": parameters["times"]})


class Pager:
    """Sends to pagers; not everybody has one."""

    label = "Pager"
    sent: list[str] = []
    is_open = False

    def open(self) -> None:
        """Pick up."""
        Pager.is_open = True

    def send(self, notification: Any) -> None:
        """One page."""
        if notification.recipient.username == "no-pager":
            raise Refused("This person has no pager.")
        Pager.sent.append(f"{notification.recipient}: {notification.case}")

    def close(self) -> None:
        """Hang up."""
        Pager.is_open = False


crm: list[tuple[str, str]] = []
heard: list[str] = []


def tell_crm(events):
    """The reactor."""
    crm.extend((event.case.reference, event.type) for event in events)


def listen(sender, event, **_rest):
    """The receiver of the signal."""
    heard.append(event.type)


def ready(stack: ExitStack) -> None:
    """What ``AppConfig.ready()`` does, to be undone when ``stack`` closes."""
    for registry, key, item in (
        (strategies, "last_by_name", LastByName),
        (actions, "ring_bell", RingBell),
        (interaction_fields, "language", Field(_("language"), "contact__language", Kind.CHOICE)),
        (case_fields, "customer_number", Field(_("customer number"), "contact__customer_id", Kind.CHOICE)),
        (reactors, "crm", Reactor(lambda: {"resolved"}, tell_crm)),
        (channels, "pager", Pager),
        (customer_models, "shop.customer", CustomerModel("shop.Customer", lambda pk: f"/customers/{pk}/")),
    ):
        stack.enter_context(registry.temporarily(key, item))
    case_event_recorded.connect(listen)
    stack.callback(case_event_recorded.disconnect, listen)
    for kept in (RingBell.rung, Pager.sent, crm, heard):
        kept.clear()
