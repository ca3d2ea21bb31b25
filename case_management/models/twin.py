"""A row once more, in memory: making a model instance anew costs ten times as much."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from django.db.models.base import ModelState

M = TypeVar("M", bound=Model)


def twin(row: M) -> M:
    """The same fields, key included; as far as Django knows it is not stored, and its relations are not read yet."""
    other = row.__class__.__new__(row.__class__)
    other.__dict__.update(row.__dict__, _state=ModelState())
    return other
