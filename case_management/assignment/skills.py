"""Which skills a case needs: those that name its topic, a topic above it, or its type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from case_management.models import Case, Skill, Topic


@dataclass(frozen=True)
class SkillBook:
    """Skill ids with the tree paths of their topics and the ids of their case types; and the paths of topics."""

    branches: tuple[tuple[int, str], ...] = ()
    types: tuple[tuple[int, int], ...] = ()
    paths: dict[int, str] = field(default_factory=dict)

    @classmethod
    def load(cls, cases: Sequence[Case]) -> SkillBook:
        """Three queries, however many skills and cases there are."""
        active = Skill.objects.active().order_by()
        topics = {case.topic_id for case in cases if case.topic_id}
        return cls(
            tuple(active.filter(topics__isnull=False).values_list("pk", "topics__path")),
            tuple(active.filter(case_types__isnull=False).values_list("pk", "case_types")),
            dict(Topic.objects.filter(pk__in=topics).order_by().values_list("pk", "path")),
        )

    def needed(self, case: Case) -> frozenset[int]:
        """Ids of the skills that the case needs; most need none."""
        return frozenset((*self._of_topic(case), *self._of_type(case)))

    def _of_topic(self, case: Case) -> Iterable[int]:
        path = self.paths.get(case.topic_id or 0, "")
        return (skill for skill, branch in self.branches if path.startswith(branch))

    def _of_type(self, case: Case) -> Iterable[int]:
        return (skill for skill, case_type in self.types if case_type == case.case_type_id)
