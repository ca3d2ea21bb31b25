"""The verbs: the public Python API. A case changes by calling one of these, and in no other way."""

from case_management.operations.add_note import add_note, add_notes
from case_management.operations.applying import Outcome, Refusal
from case_management.operations.assign_by_chain import Assigned, assign_by_chain
from case_management.operations.assign_case import assign_case, assign_cases
from case_management.operations.assign_waiting import assign_waiting
from case_management.operations.attach_interaction import attach_interaction
from case_management.operations.cancel_message import cancel_message
from case_management.operations.change_case_type import change_case_type, change_case_types
from case_management.operations.change_deadline import change_deadline
from case_management.operations.change_priority import change_priorities, change_priority
from case_management.operations.change_topic import change_topic, change_topics
from case_management.operations.close_case import close_case, close_cases
from case_management.operations.correct_case import Correction, correct_case
from case_management.operations.correct_contact import ContactFacts, correct_contact
from case_management.operations.escalate_case import deescalate_case, escalate_case
from case_management.operations.flag_case import (
    flag_case,
    flag_cases,
    flag_cases_for_me,
    flag_for_me,
    unflag_case,
    unflag_cases,
)
from case_management.operations.forward_case import forward_case
from case_management.operations.import_cases import ImportOutcome, check_import, import_cases
from case_management.operations.import_facts import CaseFacts, NewContact
from case_management.operations.keep_file import IncomingFile, keep_file
from case_management.operations.link_cases import link_cases, unlink_cases
from case_management.operations.mentions import mentions_in
from case_management.operations.merge_case import merge_case, merge_cases
from case_management.operations.merge_contacts import merge_contacts, part_contacts
from case_management.operations.open_case import CaseDraft, open_case, open_cases
from case_management.operations.receive_message import InboundMail, Thread, receive_message, thread_of
from case_management.operations.record_breaches import record_breaches
from case_management.operations.record_marks import record_marks
from case_management.operations.record_sending import record_failed, record_sent
from case_management.operations.recount_clocks import recount_clocks
from case_management.operations.reopen_case import reopen_case, reopen_cases
from case_management.operations.replace_entry import Replacement, replace_entries, rerank_cases
from case_management.operations.reply_to_case import reply_and_resolve, reply_to_case
from case_management.operations.reroute_case import reroute_case, reroute_cases
from case_management.operations.resolve_case import Resolution, resolve_case, resolve_cases
from case_management.operations.resume_case import resume_case
from case_management.operations.send_again import send_again
from case_management.operations.set_custom_fields import set_custom_fields, set_custom_fields_of
from case_management.operations.snooze_case import snooze_case, snooze_cases, wake_case, wake_cases
from case_management.operations.split_case import Part, split_case
from case_management.operations.start_case import start_case
from case_management.operations.stop_rules import stop_rules
from case_management.operations.tag_case import tag_case, tag_cases
from case_management.operations.unassign_case import unassign_case, unassign_cases
from case_management.operations.undo_changes import undo_changes
from case_management.operations.unmerge_case import unmerge_case
from case_management.operations.wait_case import wait_case, wait_cases
from case_management.operations.watch_case import unwatch_case, watch_case
from case_management.operations.write_message import MessageDraft

__all__ = [
    "Assigned", "CaseDraft", "CaseFacts", "ContactFacts", "Correction", "ImportOutcome", "InboundMail",
    "IncomingFile", "MessageDraft", "NewContact", "Outcome", "Part", "Refusal", "Replacement", "Resolution",
    "Thread", "add_note", "add_notes", "assign_by_chain", "assign_case", "assign_cases", "assign_waiting",
    "attach_interaction", "cancel_message", "change_case_type", "change_case_types", "change_deadline",
    "change_priorities", "change_priority", "change_topic", "change_topics", "check_import", "close_case",
    "close_cases", "correct_case", "correct_contact", "deescalate_case", "escalate_case", "flag_case",
    "flag_cases", "flag_cases_for_me", "flag_for_me", "forward_case", "import_cases", "keep_file", "link_cases",
    "mentions_in", "merge_case", "merge_cases", "merge_contacts", "open_case", "open_cases", "part_contacts",
    "receive_message", "record_breaches", "record_failed", "record_marks", "record_sent", "recount_clocks",
    "reopen_case", "reopen_cases", "replace_entries", "reply_and_resolve", "reply_to_case", "rerank_cases",
    "reroute_case", "reroute_cases", "resolve_case", "resolve_cases", "resume_case", "send_again",
    "set_custom_fields", "set_custom_fields_of", "snooze_case", "snooze_cases", "split_case", "start_case",
    "stop_rules", "tag_case", "tag_cases", "thread_of", "unassign_case", "unassign_cases", "undo_changes",
    "unflag_case", "unflag_cases", "unlink_cases", "unmerge_case", "unwatch_case", "wait_case", "wait_cases",
    "wake_case", "wake_cases", "watch_case",
]  # fmt: skip
