"""Two branches that must not know of each other, and everything that a branch has: cases, letters, files, views."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from case_management import models
from case_management.domain.actor import Actor
from case_management.operations import assign_case, escalate_case, flag_case, merge_contacts, tag_case
from case_management.testing import make_case, make_topic, make_user

BY = Actor.system("test")
#: Stands in every text of a branch beside a word that one can search for; whoever reads it has seen too much.
SECRET = "Zaunkoenig-4711"
LURE = "lantern"


def make_branch(number: str, secret: str) -> SimpleNamespace:
    """A unit with a person, and one of everything about a case of theirs, with ``secret`` in each text."""
    branch = SimpleNamespace(secret=secret, unit=models.Unit.add_root(number=number, name=f"Branch {number}"))
    branch.person = make_user(f"worker{number}", role="Customer service agent", unit=branch.unit)
    branch.team = models.Team.objects.create(name=f"Desk {number}")
    branch.team.members.add(branch.person)
    branch.membership = branch.person.case_memberships.get()
    branch.contact = _contact(number, secret)
    branch.case = add_case(branch)
    branch.twin, branch.merge = _twin(branch), _merge(branch)
    add_traces(branch)
    return branch


def _contact(number: str, secret: str) -> Any:
    contact = models.Contact.objects.create(name=f"Robin {secret}", external_id=f"c-{secret}")
    models.ContactPoint.objects.create(contact=contact, kind="email", value=f"{number}.person@example.org")
    return contact


def _twin(branch: SimpleNamespace) -> Any:
    """Perhaps the same person."""
    twin = models.Contact.objects.create(name=branch.contact.name)
    make_case(title=f"{LURE} {branch.secret}", contact=twin, unit=branch.unit)
    return twin


def _merge(branch: SimpleNamespace) -> Any:
    """A contact that was merged into the branch's."""
    gone = models.Contact.objects.create(name=f"Robin {branch.secret} before", external_id=f"gone-{branch.secret}")
    make_case(title=f"{LURE} {branch.secret}", contact=gone, unit=branch.unit)
    return merge_contacts(gone, into=branch.contact, by=BY)


def add_case(branch: SimpleNamespace, title: str = LURE) -> Any:
    """A case that stands in every queue of the list: open, assigned, flagged, escalated, tagged."""
    text, count = f"{title} {branch.secret}", models.Case.objects.count()
    case = make_case(
        title=text, description=text, contact=branch.contact, unit=branch.unit, team=branch.team,
        external_id=f"{branch.unit.number}-known-{count}", topic=make_topic(),
    )  # fmt: skip
    case = assign_case(case, to=branch.person, by=BY)
    case = escalate_case(case, reason=text, by=BY)
    case = flag_case(case, by=BY)
    category = models.TagCategory.objects.get_or_create(name="Cause")[0]
    return tag_case(
        case, add=[models.Tag.objects.get_or_create(name="Seat", defaults={"category": category})[0]], by=BY
    )


def add_traces(branch: SimpleNamespace) -> None:
    """What the machinery and people keep beside a case."""
    text, now, case, owner = f"{LURE} {branch.secret}", timezone.now(), branch.case, branch.person
    mark = f"{branch.secret}-{models.Interaction.objects.count()}"
    said = f"said-{branch.unit.number}-{models.Interaction.objects.count()}"
    branch.interaction = models.Interaction.objects.create(
        source=case.source, external_id=said, contact=branch.contact, unit=branch.unit, case=case, title=text,
        comment=text, answers={text: text}, visit={text: text}, raw={text: text}, occurred_at=now, available_at=now,
        state="done",
    )  # fmt: skip
    rule = models.Rule.objects.get_or_create(
        key="praise", defaults={"name": "Praise", "occasion": "case_opened", "actions": []}
    )[0]
    branch.firing = models.RuleFiring.objects.create(
        key=mark, rule=rule, case=case, fired_at=now, about_at=now, trace={"actions": [{"action": text}]}
    )
    branch.alert = models.Alert.objects.create(
        firing=branch.firing, interaction=branch.interaction, unit=branch.unit, title=text, raised_at=now
    )
    branch.message = models.Message.objects.create(
        case=case, direction="in", sender=f"{branch.secret}@example.org", subject=text, text=text, sent_at=now
    )
    branch.file = models.Attachment.objects.create(
        case=case, message=branch.message, name=f"{branch.secret}.txt", size=len(text), sha256="0" * 64
    )
    branch.file.file.save("file", ContentFile(text.encode()))
    models.Delivery.objects.create(message=branch.message, available_at=now, state="dead", last_error=text)
    branch.notification = models.Notification.objects.create(
        key=mark, kind="assigned", recipient=owner, address=f"{branch.secret}@example.org", case=case,
        available_at=now, last_error=text, state="dead",
    )  # fmt: skip
    branch.view = models.SavedView.objects.create(name=f"{mark} view", owner=owner, team=branch.team, query=f"q={mark}")
    models.ViewChoice.objects.create(user=owner, view=branch.view, is_pinned=True)
    branch.change = models.ChangeSet.objects.create(
        requested_by=owner, verb="resolve", arguments={"note": text}, query=f"q={mark}", total=1, done=0, refused=1,
        available_at=now, state="done", finished_at=now,
    )  # fmt: skip
    models.ChangeSetRow.objects.create(change_set=branch.change, case=case, state="refused", code="x", message=text)
    branch.export = models.ExportJob.objects.create(
        requested_by=owner, format="csv", query=f"q={mark}", available_at=now, state="done", total=1
    )
    branch.batch = models.ImportBatch.objects.create(
        requested_by=owner, format="csv", name=f"{mark}.csv", available_at=now, state="done", total=1
    )
    models.ImportRowError.objects.create(batch=branch.batch, row=1, message=text, values={"title": text})
    models.Preferences.objects.update_or_create(user=owner, defaults={"signature": text})
    models.CaseFlag.objects.get_or_create(case=case, user=owner)
    branch.macro = models.Macro.objects.create(name=text, owner=owner, steps=[{"action": "note", "note": text}])
    branch.shared_macro = models.Macro.objects.create(name=text, unit=branch.unit, steps=[{"action": "flag"}])
    branch.response = models.ScriptedResponse.objects.get_or_create(
        key="sorry",
        defaults={"name": "Sorry", "subject": "S", "body": "B", "state": "approved", "approved_by": owner},
    )[0]
    models.CaseWatcher.objects.get_or_create(case=case, user=owner)


def state_of(branch: SimpleNamespace) -> dict[str, Any]:
    """Everything that belongs to the branch, as the database has it."""
    about_case = (
        models.Attachment,
        models.CaseEvent, models.CaseNote, models.CaseTag, models.CaseFlag, models.CaseWatcher, models.Message,
        models.Notification, models.RuleFiring, models.ChangeSetRow,
    )  # fmt: skip
    rows = {
        model.__name__: list(model.objects.filter(case=branch.case).order_by("pk").values()) for model in about_case
    }
    alone = (
        "case",
        "contact",
        "twin",
        "merge",
        "interaction",
        "alert",
        "view",
        "change",
        "export",
        "batch",
        "membership",
        "macro",
        "shared_macro",
    )
    for name in alone:
        row = getattr(branch, name)
        rows[name] = list(type(row)._base_manager.filter(pk=row.pk).values())
    rows["preferences"] = list(models.Preferences.objects.filter(user=branch.person).values())
    rows["choices"] = list(models.ViewChoice.objects.filter(user=branch.person).values())
    return rows
