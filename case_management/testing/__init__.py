"""For hosts' own tests: build cases through the operations, and prove that rows and events agree."""

from case_management.testing.factories import make_case, make_topic, make_user
from case_management.testing.invariants import assert_no_drift

__all__ = ["assert_no_drift", "make_case", "make_topic", "make_user"]
