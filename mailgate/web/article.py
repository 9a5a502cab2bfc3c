"""The page of an article of the knowledge base.

Takes a visit; gives the page or an error. Promises: public articles are for everybody who has the link; internal ones are
for technicians who are signed in, and look to all others like one that does not exist; nothing is fetched from elsewhere;
who only reads gets no cookie.
"""

from __future__ import annotations

from typing import Any

from mailgate.model import User
from mailgate.model.article import Article
from mailgate.notify import words as letter_words
from mailgate.store import articles
from mailgate.web.asking import Ask, Refused, Reply
from mailgate.web.bodies import article_html
from mailgate.web.room import Elsewhere, Room


def show(room: Room, ask: Ask) -> Reply:
    """GET /kb/ID."""
    with room.store.read() as db:
        visit = room.visit(db, ask)
        article = articles.find(db, str(ask.id))
    if article is None or not _may_read(article, visit.person):
        if visit.person is None:
            raise Elsewhere(f"{room.root}/sign-in?to=kb{ask.id}&why=first")
        raise Refused(404)
    zone = visit.person.time_zone if visit.person is not None else None
    values: dict[str, Any] = {
        "article": article,
        "html": article_html(article.body),
        "updated": letter_words.date(visit.language, article.updated_at, zone),
    }
    if visit.person is None:
        return room.plain_page("article", visit.language, **values)
    return room.page("article", visit, **values)


def _may_read(article: Article, person: User | None) -> bool:
    return article.public or (person is not None and person.is_staff)
