"""Every set-up screen, in the order of the menu."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from case_management.models import (
    BusinessCalendar,
    CaseType,
    CloseChannel,
    ClosureReason,
    Holiday,
    Membership,
    NoteSubject,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Rule,
    ScriptedResponse,
    Settings,
    Signature,
    SlaPolicy,
    SlaTarget,
    Source,
    Tag,
    TagCategory,
    Team,
    Topic,
    Unit,
)  # fmt: skip
from case_management.ui.setup.forms import NAMED, PriorityForm, SetupForm, SourceForm, TreeForm, form_for
from case_management.ui.setup.ledgers import LEDGERS
from case_management.ui.setup.people import MembershipForm, SignatureForm, TeamForm, memberships_for
from case_management.ui.setup.screen import Column, Screen, Section
from case_management.ui.setup.times import CalendarForm, HolidayForm, SlaPolicyForm, UnitForm, promised_minutes
from case_management.ui.setup.versions import RuleForm, ScriptedResponseForm, rule_in_words


def _list_of(model: Any, help_text: Any, *, icon: str = "list-ul", more: tuple[str, ...] = ()) -> Screen:
    """A plain list: name, key, what the model adds, position, active."""
    return Screen(
        model=model,
        help_text=help_text,
        columns=("name", "key", *more, "position", "is_active"),
        form=form_for(model, *NAMED[:2], *more, *NAMED[2:]),
        icon=icon,
    )


def _required_for(category: TagCategory) -> str:
    return ", ".join(map(str, category.required_for.all())) or "–"


_INDENTED = Column("indented", _("Name"), lambda node: node.indented())

LISTS = Section(
    "lists", _("Lists"), "list-ul",
    (
        _list_of(
            CaseType, _("What sorts of follow-up there are, and what resolving them needs."), icon="folder-inverse",
            more=("requires_resolution_method", "requires_close_channel"),
        ),
        Screen(
            Priority,
            _("How pressing cases are; 1 is the most pressing. A case keeps the rank it was given."),
            ("name", "rank", "is_default", "key", "is_active"),
            form=form_for(Priority, *NAMED[:2], "rank", "is_default", *NAMED[2:], base=PriorityForm),
            ordering=("rank", "name"), icon="arrow-up-big",
        ),
        Screen(
            Source, _("Channels through which customers reach you, and what a message after resolving does."),
            ("name", "kind", "after_resolve", "key", "is_active"),
            form=form_for(
                Source, *NAMED[:2], "kind", "after_resolve", "reopen_days", *NAMED[2:], base=SourceForm
            ),
            filters=("kind", "is_active"), icon="site",
        ),
        _list_of(ClosureReason, _("Why a case is resolved; resolving asks for one."), icon="tick-inverse"),
        _list_of(ReopenReason, _("Why a case is reopened; reopening asks for one."), icon="rotate"),
        _list_of(ResolutionMethod, _("What is done for customers: an apology, a discount …"), icon="pick"),
        _list_of(CloseChannel, _("Through which medium customers are told."), icon="mail"),
        _list_of(NoteSubject, _("What notes are about."), icon="comment"),
        Screen(
            TagCategory, _("Groups of tags; a category can be required before cases of some types are resolved."),
            ("name", "key", Column("required", _("Required to resolve"), _required_for), "position", "is_active"),
            form=form_for(TagCategory, *NAMED[:2], "required_for", *NAMED[2:]), icon="folder-open-1",
            rows=lambda user: TagCategory.objects.prefetch_related("required_for"),
        ),
        Screen(
            Tag, _("Tags that cases carry; each belongs to one category."),
            ("name", "category", "key", "is_active"),
            form=form_for(Tag, *NAMED[:2], "category", *NAMED[2:]), filters=("category", "is_active"), icon="tag",
            rows=lambda user: Tag.objects.select_related("category"),
        ),
    ),
)  # fmt: skip

ORGANISATION = Section(
    "organisation", _("Organisation"), "group",
    (
        Screen(
            Topic, _("What cases are about, as a tree; moving a topic takes what lies below it along."),
            (_INDENTED, "key", "is_active"),
            form=form_for(Topic, "name", "parent", "key", "description", "is_active", base=TreeForm),
            ordering=("path",), icon="list-ol", is_tree=True,
        ),
        Screen(
            Unit,
            _("Where cases belong. Who holds a role in a unit holds it in every unit below: moving one moves rights."),
            (_INDENTED, "number", "timezone", "is_active"),
            form=form_for(Unit, "number", "name", "parent", "timezone", "is_active", base=UnitForm),
            search=("number", "name"), ordering=("path",), icon="home", is_tree=True,
        ),
        Screen(
            Team, _("People who work a queue together; they also see the cases of their teams."),
            ("name", Column("member_count", _("Members"), lambda team: team.member_count), "key", "is_active"),
            form=TeamForm, icon="group",
            rows=lambda user: Team.objects.annotate(member_count=Count("members")),
        ),
        Screen(
            Membership, _("Who holds which role where. Rights on cases come from here alone."),
            ("user", "role", "unit", "is_available"), form=MembershipForm,
            search=("user__username", "role__name", "unit__name", "unit__number"),
            filters=("role", "is_available"), icon="user", rows=memberships_for,
        ),
    ),
)  # fmt: skip

TIMES = Section(
    "times", _("Time"), "time",
    (
        Screen(
            BusinessCalendar, _("When you work. For round the clock write 24h on every day."),
            ("name", "timezone", "monday", "saturday", "sunday", "is_active"),
            form=CalendarForm, parts=(Holiday,), icon="calendar-alt",
        ),
        Screen(
            Holiday, _("Days on which a calendar has other hours, or none."),
            ("name", "date", "calendar", "hours"),
            form=HolidayForm, search=("name",), filters=("calendar",), ordering=("-date",), icon="date",
            rows=lambda user: Holiday.objects.select_related("calendar"),
        ),
        Screen(
            SlaPolicy, _("How fast cases are to be resolved. The first active policy by position that fits applies."),
            (
                "name", "priority", "calendar", Column("promise", _("Minutes to resolve"), promised_minutes),
                "position", "is_active",
            ),
            form=SlaPolicyForm, parts=(SlaTarget,), filters=("priority", "is_active"), icon="time",
            rows=lambda user: SlaPolicy.objects.select_related("priority", "calendar").prefetch_related("targets"),
        ),
    ),
)  # fmt: skip

AUTOMATION = Section(
    "automation", _("Automation"), "cogs",
    (
        Screen(
            Rule, _("What happens by itself. A rule that has acted is not rewritten: a change makes the next version."),
            ("name", Column("words", _("In words"), rule_in_words), "version", "occasion", "position", "is_active"),
            form=RuleForm, filters=("occasion", "is_active"), icon="cogs",
            details=("name", "key", "version", Column("words", _("In words"), rule_in_words), "cadence", "is_active"),
        ),
        Screen(
            ScriptedResponse, _("Approved wording. A changed text is a new version and needs approval again."),
            ("name", "version", "state", "language", "topic", "source"),
            form=ScriptedResponseForm, search=("name", "key", "subject", "body"),
            filters=("state", "source"), icon="openquote",
            rows=lambda user: ScriptedResponse.objects.select_related("topic", "source"),
        ),
        Screen(
            Signature, _("How letters end: a person's own, a unit's, or everybody's."),
            ("name", "owner", "unit"), form=SignatureForm, search=("name", "text"), filters=(), icon="edit",
            rows=lambda user: Signature.objects.select_related("owner", "unit"),
        ),
        Screen(
            Settings, _("What holds for all cases."), ("__str__",), is_single=True, search=(), filters=(), icon="cog",
            form=form_for(
                Settings, "note_min_length", "close_after_days", "group_days", "notify_assignee", "notify_breach",
                "notify_escalation", "show_survey_questions", "show_tags", base=SetupForm,
            ),
        ),
    ),
)  # fmt: skip

SECTIONS = (LISTS, ORGANISATION, TIMES, AUTOMATION, LEDGERS)
SCREENS = tuple(screen for section in SECTIONS for screen in section.screens)
