"""An article as a Markdown file with a header, read and written: what `mailgate kb import` and `export` exchange.

Takes bytes or an article; gives `ArticleFile` or faults with their lines, and the text of a file. Promises: what is
written reads back as the same; a header field that is not known is a fault, because a misspelt `visibility` would make an
internal article public; size and number of everything are bounded. The form is that of YAML front matter, a small part
of it:

    ---
    title: Reset your password
    category: General
    tags: account, password
    visibility: public
    language: en
    ---

    Open the sign-in page ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mailgate.mail.fold import fold
from mailgate.model.article import ARTICLE_LANGUAGES, Article

LARGEST_FILE = 128 * 1024
LONGEST_TITLE = 200
LONGEST_NAME = 200
MOST_TAGS = 30
LONGEST_TAG = 100
ENDING = ".md"
FIELDS = ("title", "category", "tags", "visibility", "language")
_VISIBILITIES = {"public": False, "internal": True}
_BORDER = "---"
_LONGEST_PART = 255 - len(ENDING)  # bytes, of the file systems there are
_MOST_HEADER_LINES = 200
_PART = re.compile(r"[^\W_][\w .()+-]*\Z")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
# What begins a block, so that the line before it ends; and lines that no other line continues.
_BLOCK = re.compile(r" {0,3}(?:[-*+](?:\s|\Z)|\d{1,9}[.)]\s|#|>|\||={1,}\s*\Z|-{2,}\s*\Z)| {4}|\t")
_STANDS_ALONE = re.compile(r" {0,3}(?:#|>|\||={1,}\s*\Z|-{2,}\s*\Z)| {4}|\t")
# What a terminal would obey; Windows' quotes that were read as Latin-1 are among them.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file, by its line (from 1)."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """What a file says. None is what its header does not say."""

    text: str
    title: str | None = None
    category: str | None = None
    tags: tuple[str, ...] | None = None
    internal: bool | None = None
    language: str | None = None


@dataclass(slots=True)
class _Header:
    """The header while it is read."""

    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read(data: bytes) -> tuple[ArticleFile | None, list[Fault]]:
    """A file's article, or its faults."""
    if len(data) > LARGEST_FILE:
        return None, [Fault(1, f"the file is larger than {LARGEST_FILE // 1024} KB")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Fault(data.count(b"\n", 0, error.start) + 1, "is not UTF-8; save it as UTF-8")]
    if "\x00" in text:
        return None, [Fault(text.count("\n", 0, text.index("\x00")) + 1, "holds a NUL, so it is no text")]
    return read_text(text)


def read_text(text: str) -> tuple[ArticleFile | None, list[Fault]]:
    """The article of a text with or without a header, or its faults."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[0].rstrip() != _BORDER:
        return ArticleFile(text.strip()), []
    ends = [number for number, line in enumerate(lines[1:_MOST_HEADER_LINES], 1) if line.rstrip() == _BORDER]
    if not ends:
        return None, [Fault(1, f"the header does not end; close it with a line {_BORDER}")]
    header = _header(lines[1 : ends[0]])
    body = "\n".join(lines[ends[0] + 1 :]).strip()
    return _article(header, body)


def write(article: Article) -> str:
    """The file of an article."""
    header = [
        ("title", _quoted(article.title)),
        ("category", _quoted(article.category)),
        ("tags", ", ".join(_quoted(tag) for tag in article.tags)),
        ("visibility", "internal" if article.internal else "public"),
        ("language", article.language),
    ]
    lines = [f"{key}: {value}" for key, value in header if value or key != "tags"]
    return "\n".join([_BORDER, *lines, _BORDER, "", article.text, ""])


def is_name(name: str) -> bool:
    """Whether a name is one that a file can have: parts of letters, digits and " .()+-_", none of them hidden or ".."."""
    if name.isascii() and name.isdigit():
        return False  # a number is an id
    parts = name.split("/")
    if len(name) > LONGEST_NAME or len(parts) > 10 or any(part.lower().endswith(ENDING) for part in parts[:-1]):
        return False  # a folder that is called like the file of another article
    return all(_PART.match(part) and part[-1] != " " and len(part.encode()) <= _LONGEST_PART for part in parts)


def name_for(title: str) -> str:
    """A name made of a title: "reset-your-password"."""
    return "-".join(re.findall(r"[^\W_]+", fold(title)))[:60].strip("-") or "article"


def unwrapped(text: str) -> str:
    """Markdown whose paragraphs have no line ends inside: replies keep those of their writers, files wrap at some column.

    Code, tables, lists, headings and lines that end with a break of their own stay as they are.
    """
    lines: list[str] = []
    fenced = open_ended = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced, open_ended = not fenced, False
            lines.append(line)
            continue
        if open_ended and line.strip() and not _BLOCK.match(line):
            lines[-1] += f" {line.strip()}" if lines[-1] else line
        else:
            lines.append(line)
        flows = bool(line.strip()) and not fenced and not _STANDS_ALONE.match(line)
        open_ended = flows and not line.endswith(("  ", "\\"))
        if open_ended:
            lines[-1] = lines[-1].rstrip()
    return "\n".join(lines)


def cleaned_title(title: str) -> str:
    """A title in one line, without what a terminal would obey."""
    return " ".join(_CONTROLS.sub(" ", title).split())


def cleaned_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags in one line each, sorted, each once."""
    found = {" ".join(_CONTROLS.sub(" ", tag).replace(",", " ").split()) for tag in tags}
    return tuple(sorted(found - {""}))


def faults_of(title: str | None, tags: Sequence[str] | None, text: str) -> Iterator[tuple[str, str]]:
    """(field, sentence) for what cannot be an article, however it came; "text" is the field of the text."""
    if title is not None and not title:
        yield "title", "the title is empty"
    if title is not None and len(title) > LONGEST_TITLE:
        yield "title", f"the title is longer than {LONGEST_TITLE} letters"
    if tags is not None and len(tags) > MOST_TAGS:
        yield "tags", f"there are more than {MOST_TAGS} tags"
    if tags is not None and any(len(tag) > LONGEST_TAG for tag in tags):
        yield "tags", f"a tag is longer than {LONGEST_TAG} letters"
    if not text.strip():
        yield "text", "there is no text"
    elif (control := _NO_TEXT.search(text)) is not None:
        number = text.count("\n", 0, control.start()) + 1
        yield "text", f"line {number} of the text holds a control character; save it as UTF-8, without"
    if len(text.encode("utf-8", "replace")) > LARGEST_FILE:
        yield "text", f"the text is larger than {LARGEST_FILE // 1024} KB"


def _header(lines: Sequence[str]) -> _Header:
    header = _Header()
    last = ""
    for number, line in enumerate(lines, 2):
        if not line.strip() or line.startswith("#"):
            continue
        if last == "tags" and line.lstrip().startswith("- "):  # YAML's longer form of a list
            header.values["tags"] = f"{header.values['tags']}, {line.lstrip()[2:].strip()}"
            continue
        key, colon, value = line.partition(":")
        key = key.strip().lower()
        if not colon or key not in FIELDS:
            shown = cleaned_title(line)[:40]
            header.faults.append(
                Fault(number, f'"{shown}" is no field of the header; fields are {", ".join(FIELDS)}')
                if not colon or not key
                else Fault(number, f'there is no field "{cleaned_title(key)[:40]}"; fields are {", ".join(FIELDS)}')
            )
        elif key in header.values:
            header.faults.append(Fault(number, f"{key} is there twice"))
        else:
            plain = value.strip() if key == "tags" else _bare(value.strip())
            header.values[key], header.lines[key], last = plain, number, key
    return header


def _article(header: _Header, body: str) -> tuple[ArticleFile | None, list[Fault]]:
    values, faults = header.values, list(header.faults)
    title = cleaned_title(values["title"]) if "title" in values else None
    tags = None
    if "tags" in values:
        listed = values["tags"].strip()
        listed = listed[1:-1] if listed.startswith("[") and listed.endswith("]") else listed
        tags = cleaned_tags([_bare(tag.strip()) for tag in listed.split(",")])
    visibility = values.get("visibility", "").lower()
    if "visibility" in values and visibility not in _VISIBILITIES:
        faults.append(Fault(header.lines["visibility"], "visibility is either public or internal"))
    language = values.get("language", "").lower() or None
    if language is not None and language not in ARTICLE_LANGUAGES:
        faults.append(Fault(header.lines["language"], f"language is one of {', '.join(ARTICLE_LANGUAGES)}"))
    after = max(header.lines.values(), default=1) + 1
    faults += [Fault(header.lines.get(key, after), sentence) for key, sentence in faults_of(title, tags, body)]
    if faults:
        return None, sorted(faults, key=lambda fault: fault.line)
    category = values.get("category") or None
    return ArticleFile(body, title, category, tags, _VISIBILITIES.get(visibility), language), []


def _bare(value: str) -> str:
    """A value without the quotes that YAML's habits put round it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _quoted(value: str) -> str:
    return f'"{value}"' if value[:1] in ("\"'[#") or value != value.strip() else value
