"""Pages from their templates, escaped, with the one style sheet inside.

Takes a template's name, a language and values; gives HTML. Promises: every value is escaped unless it is Markup that
was made safe elsewhere; templates are compiled once; a value that does not exist is an error, not a gap.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mailgate.web import words

_FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet, without what only its writers need."""
    lines = (_FOLDER / "static" / "style.css").read_text("utf-8").splitlines()
    return "\n".join(line.strip() for line in lines if line.strip() and not line.strip().startswith("/*"))


@lru_cache(maxsize=1)
def content_policy() -> str:
    """Content-Security-Policy of every page: our own style, our own images, our own forms, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )


def page(name: str, language: str, **values: Any) -> str:
    """One page as HTML."""
    say = partial(words.say, language)
    state = partial(words.state, language)
    return _environment().get_template(f"{name}.html.j2").render(lang=language, say=say, state=state, **values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["style"] = Markup(style())  # noqa: S704 - our own file
    return environment
