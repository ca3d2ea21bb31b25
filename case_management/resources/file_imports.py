"""Imports of a file on this machine, for operators: no upload, no worker, but the same checkpoints."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from case_management import conf
from case_management.exceptions import CaseManagementError, InvalidConfiguration
from case_management.models import ImportBatch
from case_management.models.due import DueState
from case_management.resources.fingerprint import fingerprint
from case_management.resources.import_batches import HEADER_ROW, run_import
from case_management.resources.mapping import Mapping
from case_management.tabular import open_table

#: No worker ever takes up a file that lies on somebody's own disk.
NEVER_DUE = datetime(9999, 1, 1, tzinfo=UTC)


def importing_user(name: str) -> Any:
    """The user of that name; without a name the first active superuser."""
    model: Any = get_user_model()
    users = model._default_manager.filter(is_active=True)
    found = users.filter(**{model.USERNAME_FIELD: name}) if name else users.filter(is_superuser=True).order_by("pk")
    user = found.first()
    if user is None:
        message = _("There is no active user “%s”.") % name if name else _("Say in whose name: --as USER.")
        raise InvalidConfiguration(message)
    return user


def run_file(path: Path, *, user: Any, mapping: Mapping, check_only: bool) -> ImportBatch:
    """Take the file in, or only check it. A run of the same file that was killed is taken up at its checkpoint."""
    with path.open("rb") as file, open_table(path) as table:
        facts = {
            "requested_by": user,
            "sha256": fingerprint(file),
            "format": table.format,
            "dry_run": check_only,
            "available_at": NEVER_DUE,
            "state": DueState.PENDING,
        }
        batch = _interrupted(facts, mapping) or ImportBatch.objects.create(
            **facts, name=path.name[:200], mapping=mapping.as_written
        )
        ImportBatch.objects.filter(pk=batch.pk).update(
            attempts=F("attempts") + 1, lease_until=timezone.now() + conf.lease()
        )
        batch.refresh_from_db()
        try:
            return run_import(batch, file)
        except CaseManagementError as error:
            batch.bury(error.message)
            raise


def _interrupted(facts: dict[str, Any], mapping: Mapping) -> ImportBatch | None:
    batches = ImportBatch.objects.filter(**facts).order_by("-pk")
    return next((batch for batch in batches if batch.mapping == mapping.as_written), None)


def report(batch: ImportBatch) -> dict[str, Any]:
    """Counts and remarks as plain data; ``not_read`` are columns of the file and why they were left out."""
    remarks = list(batch.errors.values("row", "column", "message", "refused"))
    return {
        "batch": batch.pk,
        "file": batch.name,
        "sha256": batch.sha256,
        "check_only": batch.dry_run,
        "rows": batch.done,
        "created": batch.created,
        "updated": batch.updated,
        "unchanged": batch.skipped,
        "refused": batch.failed,
        "not_read": {remark["column"]: remark["message"] for remark in remarks if remark["row"] == HEADER_ROW},
        "remarks": [remark for remark in remarks if remark["row"] != HEADER_ROW],
    }
