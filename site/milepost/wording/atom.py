"""A feed of news as Atom writes it (RFC 4287), with addresses that hold anywhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

NAMESPACE = "http://www.w3.org/2005/Atom"
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news: `id` never changes, `html` is safe and may have addresses of its site."""

    id: str
    title: str
    url: str
    html: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """What a site tells of one thing, the newest first; `own_url` is the feed's own address."""

    id: str
    title: str
    subtitle: str
    author: str
    locale: str
    url: str
    own_url: str
    updated: datetime
    entries: Sequence[Entry]

    def newest(self, most: int) -> "Feed":
        """The same with the newest entries first, and at most so many."""
        by_age = sorted(self.entries, key=lambda one: (one.published, one.id), reverse=True)
        return replace(self, entries=by_age[:most])

    def xml(self) -> bytes:
        """The document."""
        feed = Element("feed", {"xmlns": NAMESPACE, "xml:lang": self.locale})
        _text(feed, "id", self.id)
        _text(feed, "title", self.title)
        if self.subtitle:
            _text(feed, "subtitle", self.subtitle)
        _text(feed, "updated", _moment(self.updated))
        _link(feed, "self", self.own_url, "application/atom+xml")
        _link(feed, "alternate", self.url, "text/html")
        _text(SubElement(feed, "author"), "name", self.author)
        _text(feed, "generator", "Milepost")
        for one in self.entries:
            entry = SubElement(feed, "entry", {"xml:base": one.url})
            _text(entry, "id", one.id)
            _text(entry, "title", one.title)
            _text(entry, "published", _moment(one.published))
            _text(entry, "updated", _moment(one.updated))
            _link(entry, "alternate", one.url, "text/html")
            _text(entry, "content", one.html, type="html")
        document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
        return document


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = _UNWRITABLE.sub("", text)


def _link(parent: Element, rel: str, href: str, kind: str) -> None:
    SubElement(parent, "link", {"rel": rel, "type": kind, "href": href})


def _moment(when: datetime) -> str:
    """As RFC 3339 writes it, in UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
