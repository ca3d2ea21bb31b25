"""``case_scheduler``: the metronome that makes workers look at what is due."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from case_management import background, conf


class Command(BaseCommand):
    """Keeps no state: two of them do no harm, and after a pause everything due is found."""

    help = "Wake every topic each SWEEP_SECONDS, in the foreground."

    def handle(self, *args: Any, **options: Any) -> None:
        """Until SIGTERM or Ctrl-C."""
        self.stdout.write(f"Looking at what is due every {conf.sweep_interval()} s; stop with Ctrl-C.")
        background.run_metronome()
