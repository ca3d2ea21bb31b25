"""The SHA-256 of a file, by which a transfer is known again and its file is proved whole."""

from __future__ import annotations

import hashlib
from typing import Any


def fingerprint(file: Any) -> str:
    """Hex digest of an open binary file, which is at its start again afterwards."""
    file.seek(0)
    found = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return found
