"""`mailgate kb add` and `edit`: articles that people write.

Takes a text from `-m`, a file, standard input or the editor, with or without a header; gives one more article or one more
version. Promises: a text that was typed is never lost; what somebody else has changed meanwhile is not written over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from mailgate.desk.article_file import ArticleFile, read_text, write
from mailgate.desk.articles import add as write_new
from mailgate.desk.articles import change, prepare
from mailgate.errors import RefusedError
from mailgate.store import articles
from mailgate_cli.output import say
from mailgate_cli.session import Session, pass_session
from mailgate_cli.ticket_text import given_text, kept
from mailgate_cli.verb import WORDS, as_option, verb

F = TypeVar("F", bound=Callable[..., Any])
_DRAFT = """---
title: {title}
category: {category}
tags: {tags}
visibility: {visibility}
language: {language}
---

"""


def _article_options(function: F) -> F:
    for option in (
        click.option("--file", "file", metavar="FILE", type=click.Path(allow_dash=True, path_type=Path),
                     help="Read the text from a file, with or without a header; - is standard input."),
        click.option("-m", "--message", "message", metavar="TEXT", type=WORDS,
                     help="The text, Markdown. Without it: standard input, or $EDITOR on a terminal."),
        click.option("--language", type=click.Choice(["en", "tr"]),
                     help="The language it is written in; else it is found out."),
        click.option("--internal/--public", "internal", default=None, help="Only technicians may see it, or everybody."),
        click.option("--tag", "tags", metavar="TAG", multiple=True, type=WORDS,
                     help="A tag; may be given several times. Together they replace those it has."),
        click.option("--category", metavar="CATEGORY", type=WORDS, help="Id, address word or name."),
        click.option("--title", metavar="TEXT", type=WORDS, help="The title."),
    ):  # fmt: skip
        function = option(function)
    return function


@verb('mailgate kb add --title "Reset your password" --tag account --file password.md\nmailgate kb add --file vpn.md')
@click.option("--name", metavar="NAME", type=WORDS, help="The name of its file; else it is made of the title.")
@_article_options
@as_option
@pass_session
def add(
    session: Session, name: str | None, message: str | None, file: Path | None, as_: str | None, **given: Any
) -> None:
    """Add an article to the knowledge base.

    Prints its id. Options say more than the header of a file. It is public and of the first category unless one of them
    says otherwise.
    """
    text = given_text(message, file)
    typed = text is None
    if text is None:
        text = _edited(_draft(given))
    words = text
    default = session.config.intake.default_category

    with kept(words, typed):
        said = prepare(_read(words, given))
        made = session.act(as_, lambda desk: write_new(desk.tx, desk.actor, said, name, default))
    say(f'Article {made.id} "{made.title}" is added.')


@verb('mailgate kb edit 3\nmailgate kb edit vpn --file vpn.md\nmailgate kb edit 3 --title "VPN from home" --internal')
@click.argument("article", metavar="ARTICLE", type=WORDS)
@_article_options
@click.option("--anyway", is_flag=True, help="Write even where somebody else has changed it meanwhile.")
@as_option
@pass_session
def edit(
    session: Session,
    article: str,
    message: str | None,
    file: Path | None,
    anyway: bool,
    as_: str | None,
    **given: Any,
) -> None:
    """Change an article.

    ARTICLE is its id or its name. On a terminal the editor opens with the whole file; with options alone the text stays.
    The earlier version is kept. Technicians of the category hear of it where all_technicians_on_article_update is on.
    """
    with session.store.read() as db:
        before = articles.named(db, article)
    fields_alone = message is None and file is None and _says_something(given)
    text = before.text if fields_alone else given_text(message, file)
    typed = text is None
    if text is None:
        text = _edited(write(before))
    words = text

    seen = before.version if typed and not anyway else None
    with kept(words, typed):
        # A text that was there already is no file: it may begin like a header.
        said = prepare(_with_options(ArticleFile(words), given) if fields_alone else _read(words, given))
        changed = session.act(as_, lambda desk: change(desk.tx, desk.actor, before.id, said, seen))
    title = given["title"] or before.title
    say(f'Article {before.id} "{title}" {"is changed" if changed else "says that already"}.')


def _says_something(given: dict[str, Any]) -> bool:
    return any(value not in (None, ()) for value in given.values())


def _read(text: str, given: dict[str, Any]) -> ArticleFile:
    """The article of a text; options say more than its header. Raises RefusedError with every fault."""
    file, faults = read_text(text)
    if file is None:
        raise RefusedError(" ".join(f"Line {fault.line}: {fault.sentence}." for fault in faults))
    return _with_options(file, given)


def _with_options(file: ArticleFile, given: dict[str, Any]) -> ArticleFile:
    said: dict[str, Any] = {
        name: given[name] for name in ("title", "category", "internal", "language") if given[name] is not None
    }
    if given["tags"]:
        said["tags"] = given["tags"]
    return replace(file, **said)


def _draft(given: dict[str, Any]) -> str:
    return _DRAFT.format(
        title=given["title"] or "",
        category=given["category"] or "",
        tags=", ".join(given["tags"]),
        visibility="internal" if given["internal"] else "public",
        language=given["language"] or "",
    )


def _edited(text: str) -> str:
    answer = click.edit(text, extension=".md", require_save=True)
    if answer is None:
        raise RefusedError("Nothing was written; nothing is changed.")
    return answer
