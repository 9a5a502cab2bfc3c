"""The words of entries as the pages show them: the new part, its images as our own addresses, its history folded.

Takes an entry and what its reader may have; gives safe HTML. Promises: the HTML is sanitised, carries no style of the
writer's and fetches nothing but our own attachments; the history quoted in an entry is given only to those who wrote it
and to technicians, because it may quote what others must not see; what was made once is kept, within bounds.
"""

from __future__ import annotations

import base64
import html as html_escape
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from markupsafe import Markup

from mailgate.mail.compose import Enclosed
from mailgate.model import Attached, Entry
from mailgate.notify import bodies
from mailgate.web.words import say

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_MOST_CHARACTERS = 16 * 1024 * 1024
_LARGEST_HTML = 256 * 1024  # above it the text is shown: a page of fifty entries must stay one that a phone can load
_LARGEST_PASTED = 512 * 1024
_STYLE = re.compile(r"\sstyle=\"[^\"]*\"")
_TAG = re.compile(r"<[a-zA-Z](?:[^<>\"]++|\"[^\"]*+\")*+>")
_IMAGE = re.compile(r"<img\b(?:[^<>\"]++|\"[^\"]*+\")*+>", re.IGNORECASE)
_SOURCE = re.compile(r"\bsrc=\"([^\"]*)\"", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """What is shown of an entry. `files` are those that are not shown as images in the words."""

    html: Markup
    files: tuple[Attached, ...]


class Shown:
    """Bodies that were made before: entries never change, so they are made once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str, bool, bool, str], Body] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def body(self, entry: Entry, language: str, with_images: bool, whole: bool, root: str) -> Body:
        """The words of an entry; `whole` with the history that mail programs quote."""
        key = (entry.id, language, with_images, whole, root)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = _made(entry, language, with_images, whole, root)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._characters += len(made.html)
            while self._characters > _MOST_CHARACTERS:
                self._characters -= len(self._kept.popitem(last=False)[1].html)
        return made


def article_html(text: str) -> Markup:
    """An article's words."""
    html = _TAG.sub(lambda tag: _STYLE.sub("", tag.group()), bodies.from_article(text))
    return Markup(html)  # noqa: S704 - sanitised by notify.bodies


def _made(entry: Entry, language: str, with_images: bool, whole: bool, root: str) -> Body:
    if entry.html is not None and len(entry.html) > _LARGEST_HTML:
        entry = replace(entry, html=None)
    rich = bodies.rich(entry, with_images, whole, say(language, "image"))
    pictures = {
        item.content_id: item
        for item in entry.attachments
        if item.content_id and item.content_type.lower() in IMAGES and with_images
    }
    pasted = {image.content_id: image for image in rich.made if len(image.data) <= _LARGEST_PASTED}
    shown: set[int] = set()

    def image(found: re.Match[str]) -> str:
        tag = found.group()
        source = _SOURCE.search(tag)
        name = html_escape.unescape(source.group(1))[4:] if source else ""
        if source is not None and name in pictures:
            item = pictures[name]
            shown.add(item.id)
            return f"{tag[: source.start(1)]}{root}/a/{item.id}{tag[source.end(1) :]}"
        if source is not None and name in pasted:
            return f"{tag[: source.start(1)]}{_data_address(pasted[name])}{tag[source.end(1) :]}"
        return f"[{say(language, 'image')}]"

    html = _TAG.sub(lambda tag: _STYLE.sub("", tag.group()), rich.html)
    html = _IMAGE.sub(image, html)
    files = tuple(item for item in entry.attachments if item.id not in shown)
    return Body(Markup(html), files)  # noqa: S704 - sanitised by notify.bodies; our own addresses put in


def _data_address(image: Enclosed) -> str:
    return f"data:{image.content_type};base64,{base64.b64encode(image.data).decode()}"
