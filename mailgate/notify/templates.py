"""The templates: found, compiled once, and rendered in Jinja2's sandbox.

Takes the configuration's template folder; gives subject, text and HTML of an event. The first that exists of
`FOLDER/LANGUAGE/NAME`, `FOLDER/NAME` and the package's own `LANGUAGE/NAME` is used; a change counts from the next event.
Promises: templates see the values of `View` and nothing else; a template of yours that is blank sends nothing; one that
breaks while rendering is replaced by the package's own, with a line in the log, because the mail must go out.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailgate import log
from mailgate.notify import masks
from mailgate.notify.view import View, Words
from mailgate.notify.words import LANGUAGES

if TYPE_CHECKING:
    from jinja2 import Environment

_log = log.get("notify")
EVENTS = (
    "confirmation",
    "new_ticket",
    "updated",
    "closed",
    "welcome",
    "password",
    "article_updated",
    "operations",
    "unregistered",
)
PARTS = ("subject", "txt", "html")
Snapshot = frozenset[tuple[str, int, int]]
PACKAGE = Path(__file__).parent / "templates"
# What a template may ask of `mail`; the sandbox refuses the rest.
ALLOWED = frozenset(
    [
        "articles", "attachments", "attribute", "category", "expects_reply", "headline", "history", "is_personal", "language",
        "marker", "mask", "message", "next_step", "originator", "priority", "rating", "requester", "requester_address", "signature",
        "status", "subject", "technician", "template", "ticket_id", "unsubscribe_url", "url", "words",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rendered:
    """One letter's words."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a template comes from. `own`: not the package's."""

    path: Path
    own: bool

    def read(self) -> str:
        return self.path.read_text("utf-8-sig", "replace")


class Templates:
    """The templates of one installation, compiled at first use; `refresh` notices files that were changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: Snapshot | None = None
        self._found: dict[tuple[str, str], Source] = {}
        self._blank: dict[tuple[str, str], bool] = {}

    def refresh(self) -> None:
        """Forgets what was compiled where a file of yours came, went or changed since the last time."""
        now = _snapshot(self.folder)
        if now != self._seen:
            self._seen = now
            self._found.clear()
            self._blank.clear()
            self.__dict__.pop("_environment", None)

    def source(self, event: str, part: str, language: str) -> Source:
        """The file that is used for a part of an event in a language."""
        return self.find(f"{event}.{part}.j2", language)

    def find(self, name: str, language: str) -> Source:
        """The file that a template name means in a language; the package's where there is no other."""
        found = self._found.get((name, language))
        if found is None:
            own = (self.folder / language / name, self.folder / name)
            shared = PACKAGE / name
            package = Source(shared if shared.is_file() else PACKAGE / language / name, False)
            found = next((Source(path, True) for path in own if path.is_file()), package)
            self._found[name, language] = found
        return found

    def render(self, event: str, view: View) -> Rendered | None:
        """The words of a letter; None where a template is blank, so that nothing is sent."""
        if self._is_blank(event, view.language):
            return None
        subject, text = self._part(event, "subject", view), self._part(event, "txt", view)
        html = self._part(event, "html", view.as_html())
        if not text.strip() and not html.strip():
            return None
        return Rendered(" ".join(subject.split()), _tidy(text), html.strip() + "\n")

    def _is_blank(self, event: str, language: str) -> bool:
        found = self._blank.get((event, language))
        if found is None:
            sources = (self.source(event, part, language) for part in PARTS)
            found = any(source.own and not source.read().strip() for source in sources)
            self._blank[event, language] = found
        return found

    def _part(self, event: str, part: str, view: View) -> str:
        name = f"{view.language}/{event}.{part}.j2"
        from jinja2 import TemplateError

        try:
            return str(self._environment.get_template(name).render(mail=view))
        except (
            TemplateError,
            ArithmeticError,
            TypeError,
            ValueError,
            LookupError,
            AttributeError,
            RecursionError,
        ) as error:
            if not self._seen:
                raise  # there is nothing else to fall back on
            _log.error("template failed, the package's own is used", template=name, error=str(error))
            return str(package_environment().get_template(name).render(mail=view))

    @cached_property
    def _environment(self) -> Environment:
        return package_environment() if self._seen == frozenset() else make_environment(self)


@lru_cache(maxsize=1)
def package_environment() -> Environment:
    """The package's own templates, compiled once for everybody who has no others."""
    return make_environment(Templates(PACKAGE / "nowhere"))


def make_environment(templates: Templates) -> Environment:
    """A sandboxed environment whose loader knows languages and masks."""
    from jinja2 import BaseLoader, TemplateNotFound
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Loader(BaseLoader):
        """Names are `LANGUAGE/FILE`; a file named without language is looked for in that of the one that names it."""

        def get_source(self, environment: Environment, template: str) -> tuple[str, str, Any]:
            language, _, name = template.partition("/")
            if not name or "/" in name or ".." in name:
                raise TemplateNotFound(template)
            source = templates.find(name, language)
            try:
                text = source.read()
            except OSError:
                raise TemplateNotFound(template) from None
            return masks.to_jinja(text, name.partition(".")[0]), str(source.path), None

    class Sandbox(ImmutableSandboxedEnvironment):
        """Of `mail`, only what the list allows."""

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            if isinstance(obj, View):
                return attr in ALLOWED
            return super().is_safe_attribute(obj, attr, value) and not isinstance(obj, Words)

        def join_path(self, template: str, parent: str) -> str:
            return template if "/" in template else f"{parent.partition('/')[0]}/{template}"

    return Sandbox(
        loader=Loader(),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=200,
        auto_reload=False,
    )


def _snapshot(folder: Path) -> Snapshot:
    """Every file of the folder and its languages, with size and time."""
    found: list[tuple[str, int, int]] = []
    for place in (folder, *(folder / language for language in LANGUAGES)):
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.name.endswith(".j2"):
                        status = entry.stat()
                        found.append((entry.path, status.st_size, status.st_mtime_ns))
        except OSError:
            continue
    return frozenset(found)


def _tidy(text: str) -> str:
    """No spaces at line ends, no more than one empty line in a row."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip("\n") + "\n"
