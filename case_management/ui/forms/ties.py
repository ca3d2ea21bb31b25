"""What ties people and other cases to a case: the reader's own flag, who watches, the links; read at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, BooleanField, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, Value

from case_management.models import Case, CaseFlag, CaseLink, CaseWatcher

#: More links and watchers than this are not shown.
MOST = 400


def is_tied() -> Any:
    """An annotation of cases: whether anything but a flag ties them, so that there is something to read."""
    links = CaseLink.objects.filter(Q(case=OuterRef("pk")) | Q(other=OuterRef("pk")))
    watchers = CaseWatcher.objects.filter(case=OuterRef("pk"))
    return ExpressionWrapper(Exists(links) | Exists(watchers), BooleanField())


@dataclass(frozen=True)
class Ties:
    """``watchers`` are ids of users; ``links`` are rows without their cases."""

    is_flagged: bool = False
    watchers: tuple[int, ...] = ()
    links: tuple[CaseLink, ...] = field(default=())

    @classmethod
    def of(cls, case: Case, user: Any) -> Ties:
        """One query."""
        nothing = {"cm_kind": Value("", CharField()), "cm_other": Value(None, BigIntegerField())}
        flags = CaseFlag.objects.filter(case=case, user=user).annotate(cm_what=Value("flag", CharField()), **nothing)
        watchers = CaseWatcher.objects.filter(case=case).annotate(
            cm_what=Value("watcher", CharField()), **nothing | {"cm_other": F("user_id")}
        )
        links = CaseLink.objects.filter(Q(case=case) | Q(other=case)).annotate(
            cm_what=Value("link", CharField()), cm_kind=F("kind"), cm_other=F("other_id")
        )
        parts = [part.order_by().values_list("cm_what", "pk", "case_id", "cm_kind", "cm_other") for part in (
            flags, watchers, links,
        )]  # fmt: skip
        rows = list(parts[0].union(*parts[1:], all=True)[:MOST])
        return cls(
            any(what == "flag" for what, *_rest in rows),
            tuple(other for what, _pk, _case, _kind, other in rows if what == "watcher"),
            tuple(
                CaseLink(pk=pk, case_id=one, kind=kind, other_id=other)
                for what, pk, one, kind, other in sorted(rows, key=lambda row: row[1])
                if what == "link"
            ),
        )
