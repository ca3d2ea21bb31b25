"""Fields, constraints, indexes and querysets; what a row means, never what happens to it."""

from case_management.models.alert import Alert
from case_management.models.calendar import BusinessCalendar, Holiday
from case_management.models.case import Case, CaseFlag, CaseTag
from case_management.models.contact import Contact, ContactPoint
from case_management.models.event import CaseEvent, ReactionReceipt
from case_management.models.heartbeat import Heartbeat
from case_management.models.idempotency import IdempotencyKey
from case_management.models.interaction import Interaction
from case_management.models.membership import Membership
from case_management.models.message import Attachment, Message
from case_management.models.note import CaseNote
from case_management.models.notification import Notification
from case_management.models.rule import Rule, RuleFiring
from case_management.models.saved_view import SavedView
from case_management.models.settings import Settings
from case_management.models.sla import SlaPolicy, SlaTarget
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
from case_management.models.unit import Team, Unit
from case_management.models.wording import ScriptedResponse, Signature

__all__ = [
    "Alert", "Attachment", "BusinessCalendar", "Case", "CaseEvent", "CaseFlag", "CaseNote", "CaseTag", "CaseType",
    "CloseChannel", "ClosureReason", "Contact", "ContactPoint", "ExportJob", "Heartbeat", "Holiday", "IdempotencyKey",
    "ImportBatch", "ImportRowError", "Interaction", "Membership", "Message", "NoteSubject", "Notification", "Priority",
    "ReactionReceipt", "ReopenReason", "ResolutionMethod", "Rule", "RuleFiring", "SavedView", "ScriptedResponse",
    "Settings", "Signature", "SlaPolicy", "SlaTarget", "Source", "Tag", "TagCategory", "Team", "Topic", "Unit",
]  # fmt: skip
