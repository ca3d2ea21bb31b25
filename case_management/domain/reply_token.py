"""The secret part of reply addresses: which case, and which conversation of it, an answer belongs to.

A token holds the case's reference, whose conversation it is, and a keyed digest of both, so nobody can make one. It is
written in lower case, because mail servers may change the case of addresses.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from dataclasses import dataclass

#: 130 bits of HMAC-SHA256.
_DIGITS = 26
_ADDRESS = re.compile(
    rf"^[^@+]+\+(?P<reference>[0-9a-z]{{7}})-(?P<about>c|f[0-9]{{1,19}})-(?P<digest>[a-z2-7]{{{_DIGITS}}})@"
)


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """What a reply address stands for; ``forward`` is the key of a forwarded message, None for the customer's side."""

    reference: str
    forward: int | None = None

    @property
    def about(self) -> str:
        """The conversation, as it is written."""
        return "c" if self.forward is None else f"f{self.forward}"


def make_address(address: ReplyAddress, *, domain: str, key: bytes, mailbox: str = "reply") -> str:
    """The address to which answers go, such as ``reply+k7qm3tx-c-…@example.org``."""
    squeezed = address.reference.replace("-", "").lower()
    return f"{mailbox}+{squeezed}-{address.about}-{_digest(squeezed, address.about, key)}@{domain}"


def read_address(text: str, *, key: bytes) -> ReplyAddress | None:
    """What the address stands for; None for any other address, and for one that was not made with ``key``."""
    found = _ADDRESS.match(text.strip().lower())
    if found is None:
        return None
    squeezed, about = found["reference"], found["about"]
    if not hmac.compare_digest(found["digest"], _digest(squeezed, about, key)):
        return None
    reference = f"{squeezed[:4]}-{squeezed[4:]}".upper()
    return ReplyAddress(reference, int(about[1:]) if about != "c" else None)


def _digest(squeezed: str, about: str, key: bytes) -> str:
    digest = hmac.new(key, f"reply:{squeezed}:{about}".encode(), hashlib.sha256).digest()
    return b32encode(digest).decode().lower()[:_DIGITS]
