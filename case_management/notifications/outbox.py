"""Sends what is due of one table: claim, ask once more whether it may go, send, stamp; each piece by itself.

A piece is sent at least once, and at most once but for a crash between the server's "250 OK" and our stamp; the copy
then carries the same Message-ID.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django.utils import timezone

from case_management import conf
from case_management.models.due import DueState, DueWork, LeaseLost, update_mine
from case_management.notifications.channels import Refused, Unreachable

logger = logging.getLogger(__name__)

W = TypeVar("W", bound=DueWork)


class Line(Protocol):
    """What can be opened before some sendings and closed after them."""

    def open(self) -> None:
        """Get ready, or raise Unreachable."""

    def close(self) -> None:
        """Let go."""


class Outbox(ABC, Generic[W]):
    """One table of things to send; a subclass says how one is sent and what follows."""

    #: The manager of the table.
    rows: ClassVar[Any]

    @abstractmethod
    def send(self, line: Any, work: W) -> None:
        """Send one, or raise Refused (a dead letter) or Unreachable (later)."""

    @abstractmethod
    def sent(self, work: W) -> None:
        """Stamp it; LeaseLost where another worker has it by now."""

    @abstractmethod
    def failed(self, work: W, error: str) -> None:
        """It will not arrive: a person must look."""

    def stays(self, work: W) -> bool:
        """Whether it may no longer go; then this has stamped it."""
        return False

    def pass_through(self, line: Line, works: list[W]) -> int:
        """Send all of them; returns how many were dealt with (0: nothing gets through)."""
        try:
            line.open()
        except Unreachable as error:
            return self._give_back(works, error)
        try:
            for done, work in enumerate(works):
                try:
                    self._one(line, work)
                except Unreachable as error:
                    return done + self._give_back(works[done:], error)
        finally:
            line.close()
        return len(works)

    def _give_back(self, works: list[W], error: Unreachable) -> int:
        """The first one has had its attempt; the others were not begun."""
        logger.warning("Delivery stands still: %s", error)
        self._later(works[0], str(error))
        self.rows.release(works[1:])
        return 0

    def _one(self, line: Line, work: W) -> None:
        try:
            # Renewed before each: a slow server must not let a second worker send the rest as well.
            update_mine(work, lease_until=timezone.now() + conf.lease())
            if not self.stays(work):
                self._try(line, work)
        except LeaseLost:
            logger.warning("%s is in other hands by now.", work)

    def _try(self, line: Line, work: W) -> None:
        try:
            self.send(line, work)
        except Refused as error:
            self.failed(work, str(error))
        except Unreachable as error:
            if error.details.get("whole_channel"):
                raise
            self._later(work, str(error))
        except Exception as error:  # a template or a host's channel: one such piece must not stop the others
            logger.exception("%s failed.", work)
            self._later(work, f"{type(error).__name__}: {error}")
        else:
            self.sent(work)

    def _later(self, work: W, error: str) -> None:
        """Another attempt after a pause, or none after the last one."""
        if work.attempts >= conf.delivery_attempts():
            self.failed(work, error)
        else:
            work.postpone(error, timezone.now())


def stamp_sent(work: DueWork) -> None:
    """The plain stamp of what is done."""
    update_mine(work, state=DueState.DONE, sent_at=timezone.now(), lease_until=None, last_error="")
