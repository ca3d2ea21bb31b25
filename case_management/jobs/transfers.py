"""Runs exports and imports that are due; what a killed worker left is taken up again when its lease is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from django.utils import timezone

from case_management.exceptions import CaseManagementError
from case_management.models import ExportJob, ImportBatch
from case_management.models.due import LeaseLost

logger = logging.getLogger(__name__)


def run_transfers(now: datetime | None = None) -> int:
    """Run one due export and one due import; returns how many there were."""
    if find_spec("import_export") is None:
        return 0
    from case_management.resources.export_jobs import purge_exports, run_export  # noqa: PLC0415 - an optional extra
    from case_management.resources.import_batches import run_import  # noqa: PLC0415

    now = now or timezone.now()
    purge_exports(now)
    return run_one(ExportJob, run_export, now) + run_one(ImportBatch, run_import, now)


def run_one(model: Any, run: Callable[[Any], object], now: datetime) -> int:
    """Claim one due row of ``model`` and run it; returns how many there were."""
    for job in model.objects.select_related("requested_by").claim(now, 1):
        try:
            run(job)
        except LeaseLost:
            logger.warning("%s was taken over by another worker", job)
        except CaseManagementError as error:
            job.bury(error.message)
        except Exception as error:
            logger.exception("%s failed", job)
            job.postpone(type(error).__name__, timezone.now())
        return 1
    return 0


def help_others(help_with: Callable[[datetime], int], now: datetime) -> int:
    """Help with what other workers lead; what fails here is free again for who leads it, and told there."""
    try:
        return help_with(now)
    except LeaseLost:
        return 0
    except Exception:
        logger.exception("%s failed", help_with.__name__)
        return 0
