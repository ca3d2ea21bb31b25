"""Outbound only: what hosts may listen to; nothing inside the package depends on a receiver."""

from django.dispatch import Signal

#: Sent once per recorded event, after commit, with ``event`` (a CaseEvent). Receivers' errors are logged, not raised.
case_event_recorded = Signal()

#: Sent once per committed chunk of an import, with ``batch_id``, ``created`` and ``updated`` (lists of case ids).
cases_imported = Signal()
