"""A small HTTP server for webhooks: it keeps what was posted and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from example_project.processes import LOOPBACK


class HttpSink:
    """``posted`` holds (path, headers, body) as they came; ``status`` is the answer to the next requests."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        self._server = ThreadingHTTPServer((LOOPBACK, 0), self._handler())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[HttpSink]:
        """Serve till the end of the block; afterwards nobody listens on the port."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                sink.posted.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(sink.status)
                if 300 <= sink.status < 400:
                    self.send_header("Location", f"{sink.url}/elsewhere")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        return Handler
