"""What must hold after every test."""

from __future__ import annotations

from case_management.models import Case
from case_management.timeline import chain, projection


def assert_no_drift() -> None:
    """Raise AssertionError unless every case's row is the fold of its events and its chain holds.

    >>> from case_management.testing import assert_no_drift
    >>> assert_no_drift()  # doctest: +SKIP
    """
    cases = list(Case.objects.all())
    lines = projection.drift(cases) + [
        f"{broken.reference}#{broken.seq}: {broken.what}" for broken in chain.verify(cases)
    ]
    if lines:
        raise AssertionError("Cases differ from their events:\n" + "\n".join(lines[:20]))
