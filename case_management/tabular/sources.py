"""Turns a path or any binary file into one that can be sought, after a look at its size."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from os import PathLike
from typing import BinaryIO, cast

from case_management.tabular.limits import Limits

SAMPLE_BYTES = 64 * 1024

type_of_path = (str, PathLike)


def open_source(source: str | PathLike[str] | BinaryIO, limits: Limits, stack: ExitStack) -> BinaryIO:
    """A file that can be sought, at its start; whatever is opened here is closed by ``stack``."""
    if isinstance(source, type_of_path):
        file = cast("BinaryIO", stack.enter_context(open(source, "rb")))  # noqa: SIM115
    elif source.seekable():
        file = source
    else:
        file = _spooled(source, limits, stack)
    limits.require("file_bytes", file.seek(0, 2) or file.tell())
    file.seek(0)
    return file


def source_name(source: object) -> str:
    """The name under which the file came, or ``""``."""
    name = source if isinstance(source, type_of_path) else getattr(source, "name", "")
    return str(name) if isinstance(name, type_of_path) else ""


def _spooled(stream: BinaryIO, limits: Limits, stack: ExitStack) -> BinaryIO:
    file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    while chunk := stream.read(SAMPLE_BYTES):
        file.write(chunk)
        limits.require("file_bytes", file.tell())
    return cast("BinaryIO", file)
