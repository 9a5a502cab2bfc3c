"""What technicians do with the knowledge base: add articles, change them, answer with them.

Takes one transaction and one actor; gives articles. Promises: every change is a version of its own with author and time,
and an event in the same transaction; what changes nothing writes nothing; an article that requesters may not see goes
into a public reply only where that is asked for.
Raises NotFoundError and RefusedError with a sentence; then the transaction leaves no trace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mailgate.desk.article_file import ArticleFile, cleaned_tags, cleaned_title, faults_of, is_name, name_for, unwrapped
from mailgate.desk.pen import need_staff
from mailgate.errors import NotFoundError, RefusedError
from mailgate.model import Category, User
from mailgate.model.article import ARTICLE_LANGUAGES, Article
from mailgate.store import articles, events, people, stemming
from mailgate.store.articles import NewArticle

if TYPE_CHECKING:
    from mailgate.store import Reader, Tx

_MOST_OF_A_NAME = 1000
# What Markdown takes for more than a letter inside a line (CommonMark 0.31 section 6): an underscore only beside a word,
# an ampersand only before what may be a character's name.
_MEANS_MORE = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")


def prepare(given: ArticleFile) -> ArticleFile:
    """Does before the transaction what takes long: the words of an article are stemmed. Gives what it was given."""
    stemming.terms_of(given.text.strip(), given.language or _language(given))
    return given


def add(tx: Tx, actor: User | None, given: ArticleFile, name: str | None = None, default: str | None = None) -> Article:
    """Writes a new article. Without a name it gets one from its title; `default` is the category of what names none."""
    need_staff(actor)
    if given.title is None:
        raise RefusedError("An article needs a title: --title TEXT, or a header with title: TEXT.")
    chosen = name if name is not None else _free_name(tx, given.title)
    if not is_name(chosen):
        raise RefusedError(
            f'"{chosen[:100]}" cannot be the name of an article: letters, digits and - _ . such as vpn-setup.'
        )
    if articles.find(tx, chosen) is not None:
        raise RefusedError(f'There is an article "{chosen}" already. Change it with: mailgate kb edit {chosen}')
    new = NewArticle(
        title=cleaned_title(given.title),
        text=given.text.strip(),
        category_id=_category(tx, given.category, default).id,
        internal=bool(given.internal),
        language=given.language or _language(given),
        tags=cleaned_tags(given.tags or ()),
    )
    _refuse_faults(new)
    article_id = articles.add(tx, chosen, new, actor.id if actor else None)
    events.add(
        tx, "ArticleAdded", actor_id=actor.id if actor else None,
        article=article_id, title=new.title, category=new.category_id,
    )  # fmt: skip
    return articles.get(tx, article_id)


def change(tx: Tx, actor: User | None, article_id: int, given: ArticleFile, seen_version: int | None = None) -> bool:
    """Writes the next version of an article; False where it says the same already. What is None stays as it is.

    `seen_version` is the version the writer had seen: where somebody else has written since, the change is refused.
    """
    need_staff(actor)
    before = articles.get(tx, article_id)
    if seen_version is not None and before.version != seen_version:
        raise RefusedError(
            f'{before.author or "Somebody"} has changed "{before.title}" since you looked. Read it with: '
            f"mailgate kb show {before.id}; then send your text again, or add --anyway."
        )
    new = NewArticle(
        title=before.title if given.title is None else cleaned_title(given.title),
        text=given.text.strip(),
        category_id=before.category_id if given.category is None else _category(tx, given.category).id,
        internal=before.internal if given.internal is None else given.internal,
        language=given.language or before.language,
        tags=tuple(before.tags) if given.tags is None else cleaned_tags(given.tags),
    )
    _refuse_faults(new)
    if new == _as_written(before):
        return False
    articles.change(tx, before, new, actor.id if actor else None)
    events.add(
        tx, "ArticleUpdated", actor_id=actor.id if actor else None,
        article=before.id, title=new.title, category=new.category_id,
    )  # fmt: skip
    return True


def text_for_reply(db: Reader, named: str, even_internal: bool = False) -> str:
    """What a reply says that answers with an article: its title and text, Markdown. Raises RefusedError where it is not
    for requesters."""
    article = articles.named(db, named)
    if not article.public and not even_internal:
        why = "is internal" if article.internal else f'belongs to "{article.category}", which is internal'
        raise RefusedError(
            f'The article "{article.title}" {why}; requesters may not see it. Send it all the same: --even-internal'
        )
    return f"**{_escaped(article.title)}**\n\n{unwrapped(article.body)}"


def _escaped(title: str) -> str:
    """A title that means itself in Markdown, with no more escapes than needed: plain text shows them."""
    return _MEANS_MORE.sub(r"\\\g<0>", title)


def _language(given: ArticleFile) -> str:
    return stemming.language_of(f"{given.title}\n{given.text}")


def _as_written(article: Article) -> NewArticle:
    return NewArticle(
        article.title, article.text, article.category_id, article.internal, article.language, tuple(article.tags)
    )


def _refuse_faults(new: NewArticle) -> None:
    for _, sentence in faults_of(new.title, new.tags, new.text):
        raise RefusedError(f"The article cannot be written: {sentence}.")
    if new.language not in ARTICLE_LANGUAGES:
        raise RefusedError(f"The language of an article is one of: {', '.join(ARTICLE_LANGUAGES)}.")


def _category(tx: Tx, named: str | None, default: str | None = None) -> Category:
    """A category by its name before anything else, so that what `export` wrote is understood."""
    wanted: Sequence[Category] = people.categories(tx)
    if named is not None:
        found = next((one for one in wanted if one.name == named), None) or people.find_category(tx, named)
        if found is None:
            raise NotFoundError(f'There is no category "{named}". See: mailgate category list')
        return found
    chosen = people.find_category(tx, default) or (wanted[0] if wanted else None)
    if chosen is None:
        raise RefusedError("There is no category yet. Add one with: mailgate category add NAME")
    return chosen


def _free_name(tx: Tx, title: str) -> str:
    name = name_for(title)
    if name.isascii() and name.isdigit():
        name = f"article-{name}"  # a bare number is an id
    for number in range(2, _MOST_OF_A_NAME):
        if articles.find(tx, name) is None:
            return name
        name = f"{name_for(title)}-{number}"
    raise RefusedError(f"There are too many articles called {name_for(title)}. Give this one a name with --name.")
