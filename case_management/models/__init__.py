"""Fields, constraints, indexes and querysets; what a row means, never what happens to it."""

from case_management.models.agent import Absence, AgentProfile, Skill
from case_management.models.alert import Alert
from case_management.models.asking import RuleAsking
from case_management.models.assignment import AssignmentChain, AssignmentDecision, WaitingCase
from case_management.models.calendar import BusinessCalendar, Holiday
from case_management.models.calendar_version import CalendarVersion
from case_management.models.case import Case, CaseFlag, CaseTag
from case_management.models.case_text import CaseText
from case_management.models.change_set import ChangeSet, ChangeSetRow
from case_management.models.contact import Contact, ContactPoint
from case_management.models.contact_merge import ContactMerge
from case_management.models.custom_field import CustomField
from case_management.models.draft import Draft
from case_management.models.event import CaseEvent, ReactionReceipt
from case_management.models.heartbeat import Heartbeat
from case_management.models.idempotency import IdempotencyKey
from case_management.models.interaction import Interaction
from case_management.models.link import CaseLink, CaseWatcher
from case_management.models.macro import Macro
from case_management.models.membership import Membership
from case_management.models.message import Attachment, Delivery, Message
from case_management.models.note import CaseNote
from case_management.models.notification import Notification
from case_management.models.preferences import Preferences
from case_management.models.presence import Presence
from case_management.models.rule import Rule, RuleClock, RuleFiring
from case_management.models.rule_step import RuleStep
from case_management.models.saved_view import SavedView, ViewChoice
from case_management.models.settings import Settings
from case_management.models.sla import SlaPolicy, SlaRung, SlaTarget
from case_management.models.sla_clock import SlaClock, SlaMark
from case_management.models.sla_terms import SlaTerms
from case_management.models.tag import Tag, TagCategory
from case_management.models.taxonomy import (
    CaseType,
    CloseChannel,
    ClosureReason,
    NoteSubject,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Source,
)
from case_management.models.topic import Topic
from case_management.models.transfer import ExportJob, ImportBatch, ImportRowError
from case_management.models.trial import Backtest, BacktestRow, BacktestShare, ShadowFiring
from case_management.models.unit import Team, Unit
from case_management.models.wording import ScriptedResponse, Signature

__all__ = [
    "Absence", "AgentProfile", "Alert", "AssignmentChain", "AssignmentDecision", "Attachment", "Backtest",
    "BacktestRow", "BacktestShare", "BusinessCalendar", "CalendarVersion", "Case", "CaseEvent", "CaseFlag",
    "CaseLink", "CaseNote", "CaseTag", "CaseText", "CaseType", "CaseWatcher", "ChangeSet", "ChangeSetRow",
    "CloseChannel", "ClosureReason", "Contact", "ContactMerge", "ContactPoint", "CustomField", "Delivery", "Draft",
    "ExportJob", "Heartbeat", "Holiday", "IdempotencyKey", "ImportBatch", "ImportRowError", "Interaction", "Macro",
    "Membership", "Message", "NoteSubject", "Notification", "Preferences", "Presence", "Priority", "ReactionReceipt",
    "ReopenReason", "ResolutionMethod", "Rule", "RuleAsking", "RuleClock", "RuleFiring", "RuleStep", "SavedView",
    "ScriptedResponse", "Settings", "ShadowFiring", "Signature", "Skill", "SlaClock", "SlaMark", "SlaPolicy",
    "SlaRung", "SlaTarget", "SlaTerms", "Source", "Tag", "TagCategory", "Team", "Topic", "Unit", "ViewChoice",
    "WaitingCase",
]  # fmt: skip
