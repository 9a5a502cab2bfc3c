"""Articles of the knowledge base, their tags and versions, and the index that finds them, as rows.

Takes a reader or a transaction; gives `Article`. Promises: each write adds a version, so that what an article said is
never lost; the index is written in the same transaction; what people type is never query syntax; a question costs the
same however long the text is that it was made from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mailgate import clock
from mailgate.errors import NotFoundError
from mailgate.model.article import ARTICLE_LANGUAGES, Article
from mailgate.store import stemming
from mailgate.store.engine import Reader, Row, Tx

MOST_TERMS = 48
_RAREST = 32
_CANDIDATES = 20
_COLUMNS = (
    "SELECT a.*, c.name AS category_name, c.internal_only, p.name AS author_name, p.username AS author_username,"
    " (SELECT address FROM address WHERE person_id = v.author_id ORDER BY position LIMIT 1) AS author_address,"
    " (SELECT GROUP_CONCAT(t.tag, CHAR(10)) FROM article_tag t WHERE t.article_id = a.id) AS tag_list"
)
_FROM = (
    " FROM article a JOIN category c ON c.id = a.category_id"
    " JOIN article_version v ON v.article_id = a.id AND v.version = a.version LEFT JOIN person p ON p.id = v.author_id"
)
_PUBLIC = "a.internal = 0 AND c.internal_only = 0"
# A word of the title or a tag says more about an article than one of its text.
_RANK = "bm25(article_search, 5.0, 1.0, 5.0, 1.0)"


@dataclass(frozen=True, slots=True)
class NewArticle:
    """What an article says when it is written."""

    title: str
    text: str
    category_id: int
    internal: bool
    language: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles; `internal`: only those that requesters may not see, or only those that they may."""

    category_id: int | None = None
    tag: str | None = None
    internal: bool | None = None
    limit: int = -1


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that shares words with a question: its terms, to judge by. `title_terms` holds the tags' too."""

    id: int
    title: str
    language: str
    public: bool
    title_terms: frozenset[str]
    text_terms: Sequence[str]


def exist(db: Reader) -> bool:
    """Whether there is any article."""
    return db.value("SELECT 1 FROM article LIMIT 1") is not None


def count(db: Reader) -> int:
    """How many articles there are."""
    return int(db.value("SELECT COUNT(*) FROM article"))


def get(db: Reader, article_id: int) -> Article:
    """An article by id. Raises NotFoundError."""
    return named(db, str(article_id))


def find(db: Reader, named_as: str) -> Article | None:
    """An article by id or name, or None."""
    row = None
    if named_as.isascii() and named_as.isdigit() and len(named_as) < 16:
        row = db.one(f"{_COLUMNS}{_FROM} WHERE a.id = :id", {"id": int(named_as)})
    row = row or db.one(f"{_COLUMNS}{_FROM} WHERE a.name = :name", {"name": named_as})
    return None if row is None else _article(row)


def named(db: Reader, named_as: str) -> Article:
    """An article by id or name. Raises NotFoundError."""
    found = find(db, named_as)
    if found is None:
        raise NotFoundError(f'There is no article "{named_as}". See: mailgate kb list')
    return found


def select(db: Reader, wanted: ArticleFilter) -> list[Article]:
    """Articles by name."""
    conditions, params = ["1 = 1"], {"limit": wanted.limit}
    if wanted.category_id is not None:
        conditions.append("a.category_id = :category")
        params["category"] = wanted.category_id
    if wanted.internal is not None:
        conditions.append(f"NOT ({_PUBLIC})" if wanted.internal else _PUBLIC)
    sql = f"{_COLUMNS}{_FROM} WHERE {' AND '.join(conditions)}"
    given: dict[str, Any] = {**params}
    if wanted.tag is not None:
        sql += " AND EXISTS (SELECT 1 FROM article_tag t WHERE t.article_id = a.id AND t.tag = :tag)"
        given["tag"] = wanted.tag
    return [_article(row) for row in db.all(f"{sql} ORDER BY a.name LIMIT :limit", given)]


def versions(db: Reader, article: Article) -> list[Article]:
    """All that an article ever said, the latest first."""
    rows = db.all(
        "SELECT v.*, c.name AS category_name, c.internal_only, p.name AS author_name, p.username AS author_username,"
        " (SELECT address FROM address WHERE person_id = v.author_id ORDER BY position LIMIT 1) AS author_address"
        " FROM article_version v JOIN category c ON c.id = v.category_id LEFT JOIN person p ON p.id = v.author_id"
        " WHERE v.article_id = :id ORDER BY v.version DESC",
        {"id": article.id},
    )
    return [
        Article(
            article.id, article.name, row["title"], row["text"], row["category_id"], row["category_name"],
            bool(row["internal"]), row["language"], row["version"], json.loads(row["tags"]), _author(row),
            article.created_at, row["at"], bool(row["internal_only"]),
        )
        for row in rows
    ]  # fmt: skip


def add(tx: Tx, name: str, new: NewArticle, author_id: int | None) -> int:
    """Writes an article's first version; gives its id."""
    article_id = tx.insert(
        "INSERT INTO article (name, title, text, category_id, internal, language, version, created_at, updated_at)"
        " VALUES (:name, :title, :text, :category, :internal, :language, 1, :at, :at)",
        {"name": name, "at": clock.now(), **_values(new)},
    )
    _keep(tx, article_id, 1, new, author_id)
    return article_id


def change(tx: Tx, article: Article, new: NewArticle, author_id: int | None) -> int:
    """Writes the next version; gives its number."""
    version = article.version + 1
    tx.run(
        "UPDATE article SET title = :title, text = :text, category_id = :category, internal = :internal,"
        " language = :language, version = :version, updated_at = :at WHERE id = :id",
        {"id": article.id, "version": version, "at": clock.now(), **_values(new)},
    )
    tx.run("DELETE FROM article_tag WHERE article_id = :id", {"id": article.id})
    tx.run("DELETE FROM article_search WHERE rowid = :id", {"id": article.id})
    _keep(tx, article.id, version, new, author_id)
    return version


def written_by(db: Reader, person_id: int) -> list[Row]:
    """The versions that a person wrote, for what is kept about them."""
    return db.all(
        "SELECT article_id, version, title, at FROM article_version WHERE author_id = :p ORDER BY article_id, version",
        {"p": person_id},
    )


def search(db: Reader, text: str, public_only: bool = False, limit: int = 20) -> list[Article]:
    """Articles that hold every word that was typed, the best first; a word may go on."""
    words = stemming.words_of(text, 500)
    wanted = [word for word in words if not stemming.is_meaningless(word)] or words
    if not wanted:
        return []
    query = " AND ".join(f"({_of_languages([word], '*')})" for word in dict.fromkeys(wanted[:16]))
    sql = (
        f"{_COLUMNS} FROM article_search s JOIN article a ON a.id = s.rowid JOIN category c ON c.id = a.category_id"
        " JOIN article_version v ON v.article_id = a.id AND v.version = a.version LEFT JOIN person p ON p.id = v.author_id"
        f" WHERE article_search MATCH :query{f' AND {_PUBLIC}' if public_only else ''} ORDER BY {_RANK}, a.id LIMIT :limit"
    )
    return [_article(row) for row in db.all(sql, {"query": query, "limit": limit})]


def candidates(db: Reader, words: Sequence[str], public_only: bool) -> list[Candidate]:
    """The articles that share the rarest of these words, the best first, by BM25."""
    query = _rarest(db, words[:MOST_TERMS])
    if not query:
        return []
    rows = db.all(
        f"SELECT a.id, a.title, a.language, {_PUBLIC} AS public, s.title_en, s.words_en, s.title_tr, s.words_tr"
        " FROM article_search s JOIN article a ON a.id = s.rowid JOIN category c ON c.id = a.category_id"
        f" WHERE article_search MATCH :query{f' AND {_PUBLIC}' if public_only else ''} ORDER BY {_RANK}, a.id LIMIT :limit",
        {"query": query, "limit": _CANDIDATES},
    )
    return [
        Candidate(
            row["id"],
            row["title"],
            row["language"],
            bool(row["public"]),
            frozenset(row[f"title_{row['language']}"].split()),
            row[f"words_{row['language']}"].split(),
        )
        for row in rows
    ]


def holding(db: Reader, form: str) -> int:
    """In how many articles a form of a word stands."""
    return int(db.value("SELECT doc FROM article_vocabulary WHERE term = :term", {"term": form}) or 0)


def _rarest(db: Reader, words: Sequence[str]) -> str:
    """A query for the rarest forms of these words that any article has; common ones cost most and tell least."""
    found = []
    for language in ARTICLE_LANGUAGES:
        forms = dict.fromkeys(form for word in words for form in stemming.forms(word, language))
        found += [(number, form, language) for form in forms if (number := holding(db, form))]
    rare = sorted(found)[:_RAREST]
    parts = [_any_of(language, [form for _, form, its in rare if its == language]) for language in ARTICLE_LANGUAGES]
    return " OR ".join(filter(None, parts))


def _of_languages(words: Sequence[str], ending: str = "") -> str:
    """A query for any of these words, each stemmed by the rules of the columns it is looked for in."""
    parts = [
        _any_of(language, dict.fromkeys(form for word in words for form in stemming.forms(word, language)), ending)
        for language in ARTICLE_LANGUAGES
    ]
    return " OR ".join(filter(None, parts))


def _any_of(language: str, forms: Iterable[str], ending: str = "") -> str:
    listed = " OR ".join(f'"{form}"{ending}' for form in forms)
    return f"{{title_{language} words_{language}}} : ({listed})" if listed else ""


def _keep(tx: Tx, article_id: int, version: int, new: NewArticle, author_id: int | None) -> None:
    """The version, the tags and the index of what was just written."""
    tags = json.dumps(list(new.tags), ensure_ascii=False)
    tx.run(
        "INSERT INTO article_version (article_id, version, title, text, category_id, internal, language, tags, author_id,"
        " at) VALUES (:id, :version, :title, :text, :category, :internal, :language, :tags, :author, :at)",
        {"id": article_id, "version": version, "tags": tags, "author": author_id, "at": clock.now(), **_values(new)},
    )
    tx.many(
        "INSERT INTO article_tag (article_id, tag) VALUES (:id, :tag)",
        [{"id": article_id, "tag": tag} for tag in new.tags],
    )
    tx.run(
        f"INSERT INTO article_search (rowid, title_{new.language}, words_{new.language}) VALUES (:id, :title, :words)",
        {
            "id": article_id,
            "title": stemming.terms_of("\n".join([new.title, *new.tags]), new.language),
            "words": stemming.terms_of(new.text, new.language),
        },
    )


def _values(new: NewArticle) -> dict[str, Any]:
    if new.language not in ARTICLE_LANGUAGES:
        raise ValueError(f"no column of the index is for {new.language}")
    return {
        "title": new.title,
        "text": new.text,
        "category": new.category_id,
        "internal": int(new.internal),
        "language": new.language,
    }


def _article(row: Row) -> Article:
    return Article(
        id=row["id"],
        name=row["name"],
        title=row["title"],
        text=row["text"],
        category_id=row["category_id"],
        category=row["category_name"],
        internal=bool(row["internal"]),
        language=row["language"],
        version=row["version"],
        tags=sorted((row["tag_list"] or "").split("\n")) if row["tag_list"] else [],
        author=_author(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        category_internal=bool(row["internal_only"]),
    )


def _author(row: Row) -> str:
    """Who wrote a version, by the name they have today."""
    return row["author_name"] or row["author_username"] or row["author_address"] or ""
