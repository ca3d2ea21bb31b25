"""What must hold after every test."""

from __future__ import annotations

from collections.abc import Iterable

from case_management.models import Case
from case_management.timeline import chain, projection


def assert_no_drift(cases: Iterable[Case] | None = None) -> None:
    """Raise AssertionError unless each case's row (default: every case's) is the fold of its events, its chain whole.

    >>> from case_management.testing import assert_no_drift
    >>> assert_no_drift()  # doctest: +SKIP
    """
    looked_at = list(Case.objects.all() if cases is None else cases)
    lines = projection.drift(looked_at) + [
        f"{broken.reference}#{broken.seq}: {broken.what}" for broken in chain.verify(looked_at)
    ]
    if lines:
        raise AssertionError("Cases differ from their events:\n" + "\n".join(lines[:20]))
