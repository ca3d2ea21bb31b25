"""Every set-up screen, in the order of the menu."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from case_management.models import (
    Absence,
    AgentProfile,
    AssignmentChain,
    Backtest,
    BusinessCalendar,
    CaseType,
    CloseChannel,
    ClosureReason,
    CustomField,
    Holiday,
    Macro,
    Membership,
    NoteSubject,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Rule,
    RuleClock,
    RuleStep,
    ScriptedResponse,
    Settings,
    Signature,
    Skill,
    SlaPolicy,
    SlaRung,
    SlaTarget,
    Source,
    Tag,
    TagCategory,
    Team,
    Topic,
    Unit,
)  # fmt: skip
from case_management.ui.setup.assignment import (
    AbsenceForm,
    AgentProfileForm,
    ChainForm,
    skills_in_words,
    strategies_in_words,
    within_reach,
)  # fmt: skip
from case_management.ui.setup.custom_fields import CustomFieldForm, types_in_words
from case_management.ui.setup.forms import NAMED, PriorityForm, SetupForm, SourceForm, TreeForm, form_for
from case_management.ui.setup.ledgers import LEDGERS
from case_management.ui.setup.macros import MacroForm, listed_macros, steps_in_words, whose
from case_management.ui.setup.people import MembershipForm, SignatureForm, TeamForm, memberships_for
from case_management.ui.setup.policies import SlaPolicyForm, SlaRungForm, asked_in_words, every_policy, promised_minutes
from case_management.ui.setup.screen import Column, Screen, Section
from case_management.ui.setup.times import CalendarForm, HolidayForm, UnitForm
from case_management.ui.setup.versions import RuleForm, rule_in_words
from case_management.ui.setup.wording import ScriptedResponseForm, reopened_share, responses_for

_USED = Column("used", _("Cases"), lambda entry: entry.case_count)


def _list_of(
    model: Any, help_text: Any, *, icon: str = "list-ul", more: tuple[str, ...] = (), counts: str = ""
) -> Screen:
    """A plain list: name, key, what the model adds, its use, position, active."""
    return Screen(
        model=model,
        help_text=help_text,
        columns=("name", "key", *more, *([_USED] if counts else []), "position", "is_active"),
        counts=counts,
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
            more=("requires_resolution_method", "requires_close_channel"), counts="case_type",
        ),
        Screen(
            CustomField,
            _("What else your cases hold. A field is there at once: on forms, in lists, filters, rules and files."),
            (
                "name", "kind", Column("types", _("Case types"), types_in_words), "key", "is_filterable", "in_list",
                "is_active",
            ),
            form=CustomFieldForm, filters=("kind", "is_active"), icon="form",
            rows=lambda user: CustomField.objects.prefetch_related("case_types"),
        ),
        Screen(
            Priority,
            _("How pressing cases are; 1 is the most pressing. A new rank reaches the open cases you may change."),
            ("name", "rank", "is_default", "key", _USED, "is_active"), counts="priority",
            form=form_for(Priority, *NAMED[:2], "rank", "is_default", *NAMED[2:], base=PriorityForm),
            ordering=("rank", "name"), icon="arrow-up-big",
        ),
        Screen(
            Source, _("Channels through which customers reach you, and what a message after resolving does."),
            ("name", "kind", "after_resolve", "key", _USED, "is_active"), counts="source",
            form=form_for(
                Source, *NAMED[:2], "kind", "after_resolve", "reopen_days", *NAMED[2:], base=SourceForm
            ),
            filters=("kind", "is_active"), icon="site",
        ),
        _list_of(
            ClosureReason, _("Why a case is resolved; resolving asks for one."), icon="tick-inverse",
            counts="closure_reason",
        ),
        _list_of(
            ReopenReason, _("Why a case is reopened; reopening asks for one."), icon="rotate",
            counts="reopen_reason",
        ),
        _list_of(
            ResolutionMethod, _("What is done for customers: an apology, a discount …"), icon="pick",
            counts="resolution_method",
        ),
        _list_of(
            CloseChannel, _("Through which medium customers are told."), icon="mail",
            counts="close_channel",
        ),
        _list_of(NoteSubject, _("What notes are about."), icon="comment"),
        Screen(
            TagCategory, _("Groups of tags; a category can be required before cases of some types are resolved."),
            ("name", "key", Column("required", _("Required to resolve"), _required_for), "position", "is_active"),
            form=form_for(TagCategory, *NAMED[:2], "required_for", *NAMED[2:]), icon="folder-open-1",
            rows=lambda user: TagCategory.objects.prefetch_related("required_for"),
        ),
        Screen(
            Tag, _("Tags that cases carry; each belongs to one category."),
            ("name", "category", "key", _USED, "is_active"), counts="tags",
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
            (_INDENTED, "key", _USED, "is_active"), counts="topic",
            form=form_for(Topic, "name", "parent", "key", "description", "is_active", base=TreeForm),
            ordering=("path",), icon="list-ol", is_tree=True,
        ),
        Screen(
            Unit,
            _("Where cases belong. Who holds a role in a unit holds it in every unit below: moving one moves rights."),
            (_INDENTED, "number", "timezone", _USED, "is_active"), counts="unit",
            form=form_for(Unit, "number", "name", "parent", "timezone", "sender_name", "sender_address", "is_active",
                          base=UnitForm),
            search=("number", "name"), ordering=("path",), icon="home", is_tree=True,
        ),
        Screen(
            Team, _("People who work a queue together; they also see the cases of their teams."),
            ("name", Column("member_count", _("Members"), lambda team: team.member_count), "key", _USED, "is_active"),
            counts="team",
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

ASSIGNMENT = Section(
    "assignment", _("Assignment"), "user",
    (
        Screen(
            AssignmentChain, _("How rules choose an assignee: strategies in a fixed order, each narrows the choice."),
            ("name", Column("words", _("Strategies"), strategies_in_words), "key", "waits", "position", "is_active"),
            form=ChainForm, icon="order-down",
            rows=lambda user: AssignmentChain.objects.select_related("user_field"),
        ),
        Screen(
            AgentProfile, _("How many cases somebody takes at once, in which hours, and what they are skilled in."),
            ("user", "capacity", "calendar", Column("skills", _("Skills"), skills_in_words)), form=AgentProfileForm,
            search=("user__username",), filters=("skills", "calendar"), icon="user",
            rows=lambda user: within_reach(
                AgentProfile.objects.select_related("user", "calendar").prefetch_related("skills"), user
            ),
        ),
        Screen(
            Absence, _("Days on which somebody gets no cases, and who gets those that would come to them by name."),
            ("user", "first_day", "last_day", "substitute"), form=AbsenceForm, search=("user__username",), filters=(),
            ordering=("-first_day",), icon="date",
            rows=lambda user: within_reach(Absence.objects.select_related("user", "substitute"), user),
        ),
        Screen(
            Skill, _("What some cases need and some people have; cases need a skill by their topic or their type."),
            ("name", "key", "position", "is_active"), icon="pick",
            form=form_for(Skill, *NAMED[:2], "topics", "case_types", *NAMED[2:]),
        ),
    ),
)  # fmt: skip

TIMES = Section(
    "times", _("Time"), "time",
    (
        Screen(
            BusinessCalendar, _("When you work. For round the clock write 24h on every day."),
            ("name", "timezone", "monday", "saturday", "sunday", "is_active"),
            form=CalendarForm, parts=(Holiday,), icon="calendar-alt", beyond=((_("Year"), "calendar_year"),),
        ),
        Screen(
            Holiday, _("Days on which a calendar has other hours, or none."),
            ("name", "date", "calendar", "hours"),
            form=HolidayForm, search=("name",), filters=("calendar",), ordering=("-date",), icon="date",
            rows=lambda user: Holiday.objects.select_related("calendar"),
        ),
        Screen(
            SlaPolicy,
            _("How fast cases are answered and resolved. The first active policy by position that fits applies."),
            (
                "name", Column("asked", _("For"), asked_in_words), "calendar",
                Column("promise", _("Minutes to resolve"), promised_minutes), "position", "is_active",
            ),
            form=SlaPolicyForm, parts=(SlaTarget, SlaRung, Backtest), icon="time",
            beyond=((_("Try"), "policy_try"),), drafts=((_("Try it over the last 30 days, unsaved"), "policy_try"),),
            rows=every_policy,
        ),
        Screen(
            SlaRung, _("What happens when a missed deadline stays missed; whoever oversees the case is told."),
            ("level", "policy", "minutes", "team", "user", "priority"),
            form=SlaRungForm, search=("policy__name",), filters=("policy",), ordering=("policy", "minutes", "level"),
            icon="arrow-up-big",
            rows=lambda user: SlaRung.objects.select_related("policy", "team", "user", "priority"),
        ),
    ),
)  # fmt: skip

AUTOMATION = Section(
    "automation", _("Automation"), "cogs",
    (
        Screen(
            Rule, _("What happens by itself. A rule that has acted is not rewritten: a change makes the next version."),
            ("name", Column("words", _("In words"), rule_in_words), "version", "state", "occasion", "position"),
            form=RuleForm, filters=("occasion", "state"), icon="cogs", parts=(RuleClock, RuleStep, Backtest),
            details=("name", "key", "version", Column("words", _("In words"), rule_in_words), "cadence", "state"),
            beyond=(
                (_("Builder"), "rule_build"), (_("Versions and publishing"), "rule_versions"), (_("Try"), "rule_try"),
            ),
            besides=((_("What is probably wrong"), "rule_findings"),),
        ),
        Screen(
            ScriptedResponse, _("Approved wording. A changed text is a new version and needs approval again."),
            (
                "name", "version", "state", "topic", "case_type", "source", "unit", "language",
                Column("used", _("Used"), lambda row: row.used, "used"),
                Column("reopened", _("Reopened after it"), reopened_share, "reopened"),
            ),
            form=ScriptedResponseForm, search=("name", "key", "keywords", "subject", "body"),
            filters=("state", "case_type", "source", "language"), icon="openquote", rows=responses_for,
        ),
        Screen(
            Macro, _("Several steps at once, run on a case with one key: all of them, or none."),
            (
                "name", Column("steps", _("Steps"), steps_in_words), Column("whose", _("For"), whose), "position",
                "is_active",
            ),
            form=MacroForm, icon="cogs", rows=listed_macros, ordering=("position", "name"),
            beyond=((_("Steps"), "macro_steps"),),
        ),
        Screen(
            Signature, _("How letters end: a person's own, a unit's, or everybody's."),
            ("name", "owner", "unit"), form=SignatureForm, search=("name", "text"), filters=(), icon="edit",
            rows=lambda user: Signature.objects.select_related("owner", "unit"),
        ),
        Screen(
            Settings, _("What holds for all cases."), ("__str__",), is_single=True, search=(), filters=(), icon="cog",
            beyond=((_("Configuration as a file"), "configuration"),),
            form=form_for(
                Settings, "note_min_length", "close_after_days", "group_days", "notify_assignee", "notify_breach",
                "notify_escalation", "show_survey_questions", "show_tags",
                "rules_need_approval", base=SetupForm,
            ),
        ),
    ),
)  # fmt: skip

SECTIONS = (LISTS, ORGANISATION, TIMES, ASSIGNMENT, AUTOMATION, LEDGERS)
SCREENS = tuple(screen for section in SECTIONS for screen in section.screens)
