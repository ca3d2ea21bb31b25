"""Proof of life: what ran last, written by the jobs themselves, so that health is known without asking Redis."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    """When a part of the clockwork last did its round."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def beat(cls, name: str, at: datetime) -> None:
        """Note that ``name`` is alive."""
        cls.objects.update_or_create(name=name, defaults={"at": at})
