"""What cases are about, as a tree."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet


class TopicQuerySet(MP_NodeQuerySet):
    """Topics by branch."""

    def active(self) -> TopicQuerySet:
        """What may be chosen today."""
        return self.filter(is_active=True)

    def branch(self, topic: Topic) -> TopicQuerySet:
        """The topic and everything below it."""
        return self.filter(path__startswith=topic.path)


class TopicManager(MP_NodeManager.from_queryset(TopicQuerySet)):  # type: ignore[misc]
    """Hands out the queryset above; treebeard's own manager insists on its plain one."""

    def get_queryset(self) -> TopicQuerySet:
        """In the order of the tree."""
        return TopicQuerySet(self.model, using=self._db).order_by("path")


class Topic(MP_Node):
    """One node of the topic tree."""

    name = models.CharField(_("name"), max_length=120)
    key = models.SlugField(_("key"), max_length=60, unique=True)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Switch off instead of deleting."))

    objects: Any = TopicManager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.name

    def indented(self) -> str:
        """The name with its depth, for choice lists."""
        return "– " * (self.depth - 1) + self.name
