"""`mailgate kb list`, `show` and `search`: the knowledge base to read.

Takes filters and words; gives tables, texts and JSON. Promises: what an article says cannot control the terminal.
"""

from __future__ import annotations

from typing import Any

import click

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.model.article import Article
from mailgate.store import Reader, articles, people
from mailgate.store.articles import ArticleFilter
from mailgate_cli.output import (
    Column,
    age,
    print_bytes,
    print_json,
    print_json_list,
    print_table,
    say,
    screen,
    styled,
    when,
)
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe, safe_lines, wrap
from mailgate_cli.verb import WORDS, json_option, verb

_WIDEST = 100


@verb("mailgate kb list\nmailgate kb list --category billing --public --json")
@click.option("--category", metavar="CATEGORY", type=WORDS, help="Articles of this category: id, address word or name.")
@click.option("--tag", metavar="TAG", type=WORDS, help="Articles with this tag.")
@click.option(
    "--internal/--public", "internal", default=None, help="Only what requesters may not see, or only what they may."
)
@json_option
@pass_session
def list_articles(
    session: Session, category: str | None, tag: str | None, internal: bool | None, as_json: bool
) -> None:
    """List articles.

    By their names.
    """
    with session.store.read() as db:
        wanted = ArticleFilter(category_id=category_id(db, category), tag=tag, internal=internal)
        found = articles.select(db, wanted)
    _print(session, found, as_json, "There are no articles. Add one with: mailgate kb add --title TEXT")


@verb('mailgate kb search "forgotten password"')
@click.argument("words", metavar="WORDS...", nargs=-1, required=True, type=WORDS)
@click.option("--public", "public", is_flag=True, help="Only what requesters may see.")
@json_option
@pass_session
def search(session: Session, words: tuple[str, ...], public: bool, as_json: bool) -> None:
    """Search articles, the best first.

    All words must be there, in any form: "printers" finds "printer", "yaziciyi" finds "yazıcı". A word may go on.
    """
    with session.store.read() as db:
        found = articles.search(db, " ".join(words), public_only=public)
    _print(session, found, as_json, "Nothing is found.")


@verb("mailgate kb show 3\nmailgate kb show vpn --markdown > vpn.md")
@click.argument("article", metavar="ARTICLE", type=WORDS)
@click.option("--version", "version", metavar="NUMBER", type=int, help="An earlier version.")
@click.option("--versions", is_flag=True, help="List the versions: who changed it when.")
@click.option("--markdown", is_flag=True, help="Print it as a file, with its header.")
@json_option
@pass_session
def show(session: Session, article: str, version: int | None, versions: bool, markdown: bool, as_json: bool) -> None:
    """Show an article.

    ARTICLE is its id or its name. Earlier versions are kept; nothing is overwritten.
    """
    if versions and (version is not None or markdown):
        raise click.UsageError("Give either --versions, or what one of them says.")
    with session.store.read() as db:
        found = articles.named(db, article)
        if versions or version is not None:
            earlier = articles.versions(db, found)
    if versions:
        _print_versions(session, earlier, as_json)
        return
    if version is not None:
        chosen = next((one for one in earlier if one.version == version), None)
        if chosen is None:
            raise NotFoundError(
                f"Article {found.id} has no version {version}. See: mailgate kb show {found.id} --versions"
            )
        found = chosen
    if markdown:
        from mailgate.desk.article_file import write

        print_bytes(write(found).encode("utf-8", "replace"))
    elif as_json:
        print_json(article_json(session, found, with_text=True))
    else:
        _print_article(session, found)


def category_id(db: Reader, named: str | None) -> int | None:
    """The id of a category that was named; None where none was. Raises NotFoundError."""
    if named is None:
        return None
    found = people.find_category(db, named)
    if found is None:
        raise NotFoundError(f'There is no category "{named}". See: mailgate category list')
    return found.id


def article_json(session: Session, article: Article, with_text: bool = False) -> dict[str, Any]:
    """An article as JSON."""
    found: dict[str, Any] = {
        "id": article.id,
        "name": article.name,
        "title": article.title,
        "category": {"id": article.category_id, "name": article.category},
        "tags": article.tags,
        "visibility": "internal" if article.internal else "public",
        "language": article.language,
        "version": article.version,
        "author": article.author or None,
        "created_at": clock.iso(article.created_at),
        "updated_at": clock.iso(article.updated_at),
        "url": article_address(session, article.id),
    }
    return {**found, "text": article.text} if with_text else found


def article_address(session: Session, article_id: int) -> str:
    """The address of an article's page."""
    return f"{session.config.web.base_url.rstrip('/')}/kb/{article_id}"


def _print(session: Session, found: list[Article], as_json: bool, none: str) -> None:
    if as_json:
        print_json_list(article_json(session, article) for article in found)
        return
    if not found:
        say(none)
    print_table(
        [Column("ID", right=True), Column("NAME", flexible=True), Column("TITLE", flexible=True, minimum=20),
         Column("CATEGORY", flexible=True), Column("VISIBILITY"), Column("CHANGED", right=True)],
        [
            [str(one.id), one.name, one.title, one.category, "public" if one.public else "internal", age(one.updated_at)]
            for one in found
        ],
    )  # fmt: skip


def _print_versions(session: Session, earlier: list[Article], as_json: bool) -> None:
    if as_json:
        print_json_list(article_json(session, one, with_text=True) for one in earlier)
        return
    print_table(
        [Column("VERSION", right=True), Column("CHANGED", right=True), Column("BY", flexible=True),
         Column("TITLE", flexible=True, minimum=20), Column("VISIBILITY")],
        [
            [str(one.version), when(one.updated_at), one.author, one.title, "internal" if one.internal else "public"]
            for one in earlier
        ],
    )  # fmt: skip


def _print_article(session: Session, article: Article) -> None:
    columns = min(screen()[0], _WIDEST)
    for line in wrap(safe(article.title), columns):
        say(styled(line, bold=True))
    by = f" by {safe(article.author)}" if article.author else ""
    seen_by = "internal" if article.internal else "public"
    if article.category_internal and not article.internal:
        seen_by = "public, but its category is internal"
    facts = [
        ("Article", f"{article.id} {safe(article.name)}, version {article.version}"),
        ("Category", safe(article.category)),
        ("Visibility", seen_by),
        ("Language", article.language),
        ("Changed", f"{when(article.updated_at)}{by}"),
        ("Page", safe(article_address(session, article.id))),
    ]
    if article.tags:
        facts.insert(2, ("Tags", ", ".join(safe(tag) for tag in article.tags)))
    for name, value in facts:
        lines = wrap(value, columns - 13)
        say(styled(f"{name:<12} ", dim=True) + lines[0])
        for line in lines[1:]:
            say(" " * 13 + line)
    say()
    for line in safe_lines(article.text):
        for piece in wrap(line, columns):
            say(piece)
