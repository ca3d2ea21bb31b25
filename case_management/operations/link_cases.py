"""Link and unlink: two cases say what they are to each other, and both keep it in their history.

Both ends must be seen by whoever links them; on one of them they need the right to write notes.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from case_management.domain import transitions
from case_management.domain.actor import Actor
from case_management.domain.events import CaseLinked, CaseUnlinked, Event
from case_management.domain.relations import Relation
from case_management.exceptions import NothingToChange, RightMissing, StaleCase, ValueUnknown
from case_management.models import Case, CaseLink
from case_management.operations.applying import rows_of
from case_management.timeline.recorder import Entry, record

#: A chain of parents longer than this is a mistake.
DEEPEST = 20
#: So often the parents are read anew when somebody links them at the same moment.
_TRIES = 5


@transaction.atomic
def link_cases(case: Case, *, to: Case, relation: str, by: Actor) -> CaseLink:
    """Say that ``case`` is ``relation`` (a :class:`Relation`) ``to`` the other; both come back refreshed.

    Raises NothingToChange where that is said already, ValueUnknown for a case and itself, a second parent or a ring of
    parents, RightMissing.
    """
    by, said = by.at_this_moment(), _known(relation)
    if case.pk == to.pk:
        raise ValueUnknown(_("A case cannot be linked to itself."), fields=["to"])
    one, other = (case, to) if said.is_stored else (to, case)
    kind = said if said.is_stored else said.mirror
    rows = _held(one, other, kind)
    _require_rights("link", case, to, by)
    if _between(case.pk, to.pk).filter(kind=kind).exists():
        raise NothingToChange(_("The two cases are linked so already."))
    if kind is Relation.CHILD_OF:
        _require_tree(one, other, by)
    if kind is Relation.RELATED and one.pk > other.pk:
        one, other = other, one
    link: CaseLink = CaseLink.objects.create(kind=kind.value, case_id=one.pk, other_id=other.pk)
    _record_both(rows, (case, to), (said, CaseLinked), by)
    return link


@transaction.atomic
def unlink_cases(case: Case, *, link: CaseLink, by: Actor) -> Case:
    """Take one link of ``case`` away. Raises ValueUnknown when the link is gone or is not the case's."""
    by = by.at_this_moment()
    held = CaseLink.objects.select_for_update(of=("self",)).select_related("case", "other").filter(pk=link.pk).first()
    if held is None or case.pk not in (held.case_id, held.other_id):
        raise ValueUnknown(_("This case has no such link any more."), fields=["link"])
    other = held.other if held.case_id == case.pk else held.case
    kind = Relation(held.kind)
    rows = {row.pk: row for row in rows_of(sorted({case.pk, other.pk}), lock=True)}
    _require_rights("unlink", case, other, by)
    held.delete()
    _record_both(rows, (case, other), (kind if held.case_id == case.pk else kind.mirror, CaseUnlinked), by)
    return case


def _known(relation: str) -> Relation:
    if relation not in list(Relation):
        raise ValueUnknown(_("Say what the one case is to the other."), fields=["relation"])
    return Relation(relation)


def _between(one: int, other: int) -> Any:
    return CaseLink.objects.filter(Q(case=one, other=other) | Q(case=other, other=one))


def _require_rights(verb: str, case: Case, other: Case, by: Actor) -> None:
    ends = [case.pk, other.pk]
    step = transitions.TABLE[verb]
    if by.allowed_among("view_case", ends) != set(ends):
        raise RightMissing(by.refusal("view_case"), permission="view_case")
    if not by.allowed_among(step.permission, ends):
        raise RightMissing(by.refusal(step.permission), permission=step.permission)


def _held(one: Case, other: Case, kind: Relation) -> dict[int, Case]:
    """Both cases, locked; for a parent its own parents too, so that two people cannot close a ring from two sides."""
    for _attempt in range(_TRIES):
        with transaction.atomic():
            above = _ancestors(other.pk) if kind is Relation.CHILD_OF else []
            rows = {row.pk: row for row in rows_of(sorted({one.pk, other.pk, *above}), lock=True)}
            if kind is not Relation.CHILD_OF or set(_ancestors(other.pk)) <= rows.keys():
                return rows
            # Lets the locks go: a second attempt from above them would wait in a ring with somebody else's.
            transaction.set_rollback(True)
    raise StaleCase(_("Others are linking these cases at this moment; try again."), conflicts=[])


def _ancestors(pk: int) -> list[int]:
    """The parents above a case, the nearest first."""
    found: list[int] = []
    here: int | None = pk
    while here is not None and len(found) <= DEEPEST:
        parents = CaseLink.objects.filter(case=here, kind=Relation.CHILD_OF.value)
        here = parents.values_list("other_id", flat=True).first()
        if here is not None:
            found.append(here)
    return found


def _require_tree(child: Case, parent: Case, by: Actor) -> None:
    """One parent each, and no case above itself; a parent that the actor may not see is not named."""
    present = CaseLink.objects.filter(case=child.pk, kind=Relation.CHILD_OF.value).select_related("other").first()
    if present is not None:
        message = _("%(child)s cannot be given this parent.") % {"child": child.reference}
        if by.allowed_among("view_case", [present.other_id]):
            message = _("%(child)s is a child of %(parent)s already; take that link away first.")
            message %= {"child": child.reference, "parent": present.other.reference}
        raise ValueUnknown(message, fields=["to"])
    above = _ancestors(parent.pk)
    if child.pk in above or len(above) >= DEEPEST:
        message = _("%(child)s stands above %(parent)s itself, or the chain of parents would get too long.")
        raise ValueUnknown(message % {"child": child.reference, "parent": parent.reference}, fields=["to"])


def _record_both(
    rows: dict[int, Case], ends: tuple[Case, Case], said: tuple[Relation, type[CaseLinked | CaseUnlinked]], by: Actor
) -> None:
    (case, other), (relation, event) = ends, said
    here: list[Event] = [event(other=other.pk, relation=relation.value)]
    there: list[Event] = [event(other=case.pk, relation=relation.mirror.value)]
    entries = [Entry(rows[case.pk], here, by), Entry(rows[other.pk], there, by)]
    record(sorted(entries, key=lambda entry: entry.case.pk))
    case.refresh_from_db()
    other.refresh_from_db()
