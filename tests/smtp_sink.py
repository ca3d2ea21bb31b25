"""The process of ``tests.services.SmtpSink``: python -m tests.smtp_sink HOST PORT DIRECTORY."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

REPLIES = {
    "421": "421 4.3.2 Service shutting down",
    "451": "451 4.3.0 Try again later",
    "550": "550 5.1.1 No such mailbox",
}
SLOW_SECONDS = float(os.environ.get("SMTP_SINK_SLOW_SECONDS", "5"))
MAX_BYTES = 40 * 1024 * 1024


class Keeper:
    """Keeps messages as files and answers as the file ``mode`` says."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.numbers = count()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called with each recipient; those called "refused" do not exist."""
        if address.startswith("refused@"):
            return REPLIES["550"]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd with each message."""
        mode = (self.directory / "mode").read_text().strip()
        if mode in REPLIES:
            return REPLIES[mode]
        if mode == "drop":
            return self.cut(server)
        self.keep(envelope, mode)
        if mode == "accept_then_drop":
            return self.cut(server)
        if mode == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        return "250 2.0.0 Kept"

    def cut(self, server: SMTP) -> str:
        """End the connection without an answer."""
        server.transport.abort()
        return "421 4.3.0 Cut"

    def keep(self, envelope: Envelope, mode: str) -> None:
        """Write the message and its log line to the disk, so that a 250 is never a lie."""
        name = f"{os.getpid()}-{next(self.numbers):06}.eml"
        raw = envelope.original_content or b""
        self.write(self.directory / name, raw)
        entry = {"file": name, "sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "mode": mode}
        self.write(self.directory / "log.jsonl", json.dumps(entry).encode() + b"\n")

    def write(self, path: Path, content: bytes) -> None:
        """Append and fsync."""
        with path.open("ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def protocol(keeper: Keeper) -> Callable[[], SMTP]:
    """A new SMTP dialogue for each connection."""
    return lambda: SMTP(keeper, enable_SMTPUTF8=True, data_size_limit=MAX_BYTES, hostname="sink.invalid")


async def serve(host: str, port: int, directory: Path) -> None:
    """Listen until SIGTERM."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(protocol(Keeper(directory)), host, port)
    (directory / "ready").touch()
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
