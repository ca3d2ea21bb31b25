"""The example site's own customers."""

from django.db import models


class Guest(models.Model):
    """Somebody who stayed; ``number`` is what the surveys know a guest by."""

    number = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name
