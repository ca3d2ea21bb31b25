"""Lets one transaction at a time make what the schema alone cannot keep from being made twice."""

from __future__ import annotations

from case_management.models import Source


def pass_one_at_a_time() -> None:
    """Wait until no other transaction makes contacts or units; the turn ends with the transaction.

    Nothing in the schema makes an e-mail address unique, so two responses of a new customer that arrive at once could
    make the customer twice. The lock is on a row of the sources, in the strength that lets others refer to it.
    """
    list(Source.objects.order_by("pk").select_for_update(no_key=True).values_list("pk")[:1])
