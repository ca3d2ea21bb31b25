"""The verbs: the public Python API. A case changes by calling one of these, and in no other way."""

from case_management.operations.add_note import add_note
from case_management.operations.applying import Outcome, Refusal
from case_management.operations.assign_case import assign_case, assign_cases
from case_management.operations.attach_interaction import attach_interaction
from case_management.operations.change_case_type import change_case_type
from case_management.operations.change_deadline import change_deadline
from case_management.operations.change_priority import change_priorities, change_priority
from case_management.operations.change_topic import change_topic, change_topics
from case_management.operations.close_case import close_case, close_cases
from case_management.operations.escalate_case import escalate_case
from case_management.operations.flag_case import flag_case, flag_for_me, unflag_case
from case_management.operations.import_cases import ImportOutcome, check_import, import_cases
from case_management.operations.import_facts import CaseFacts, NewContact
from case_management.operations.open_case import CaseDraft, open_case, open_cases
from case_management.operations.record_breaches import record_breaches
from case_management.operations.reopen_case import reopen_case
from case_management.operations.reroute_case import reroute_case, reroute_cases
from case_management.operations.resolve_case import Resolution, resolve_case, resolve_cases
from case_management.operations.resume_case import resume_case
from case_management.operations.start_case import start_case
from case_management.operations.tag_case import tag_case, tag_cases
from case_management.operations.unassign_case import unassign_case
from case_management.operations.wait_case import wait_case

__all__ = [
    "CaseDraft", "CaseFacts", "ImportOutcome", "NewContact", "Outcome", "Refusal", "Resolution", "add_note",
    "assign_case", "assign_cases", "attach_interaction", "change_case_type", "change_deadline", "change_priorities",
    "change_priority", "change_topic", "change_topics", "check_import", "close_case", "close_cases", "escalate_case",
    "flag_case", "flag_for_me", "import_cases", "open_case", "open_cases", "record_breaches", "reopen_case",
    "reroute_case", "reroute_cases", "resolve_case", "resolve_cases", "resume_case", "start_case", "tag_case",
    "tag_cases", "unassign_case", "unflag_case", "wait_case",
]  # fmt: skip
