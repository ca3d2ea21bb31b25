"""Texts of mail: one line for a header, HTML made from plain text, plain text read out of HTML; pure."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

#: What it holds is no text for people.
_UNSEEN = {"script", "style", "head", "title", "template", "noscript", "object", "svg", "math", "iframe"}
_BREAKS = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "hr"}
_ANSWER = re.compile(r"^\s*(re|aw|sv|antw|fwd?|wg)\s*(\[\d+\])?\s*:\s*", re.IGNORECASE)


def one_line(text: str, most: int = 250) -> str:
    """The text without line breaks and control characters, in any script's sense of them, and not too long."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:most].strip()


def storable(text: str) -> str:
    """The text without the one character that no database keeps."""
    return text.replace("\x00", "")


def answer_to(subject: str, most: int = 250) -> str:
    """The subject of an answer: “Re: …” once, however often it went to and fro."""
    bare = one_line(subject, most)
    while found := _ANSWER.match(bare):
        bare = bare[found.end() :]
    return f"Re: {bare}"[:most]


def html_of(text: str) -> str:
    """The text as a page of HTML: escaped, line by line, with nothing that is fetched from elsewhere."""
    paragraphs = re.split(r"\n{2,}", text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"))
    body = "\n".join(f'<p dir="auto">{"<br>".join(escape(part).split(chr(10)))}</p>' for part in paragraphs)
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def text_of(html: str) -> str:
    """What a person reads in the HTML, without anything that acts or is fetched."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Collects visible text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Blocks begin on a line of their own."""
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """And end with one."""
        if tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
        elif tag == "body":
            self._unseen.clear()
        elif tag in _BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """``<br/>``: nothing is left open."""
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Text, unless it is not meant for people."""
        if not self._unseen:
            self.parts.append(data.replace("\n", " "))
