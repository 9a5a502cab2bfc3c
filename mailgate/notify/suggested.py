"""Articles for letters: what `#Suggested_KB_articles#` shows, with the addresses of their pages.

Takes a store and the links of the installation; gives a function of a ticket and its readers. Promises: it is asked only
where a template really has the mask, never while mail is taken in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgate.desk import suggestions
from mailgate.notify.links import article_url

if TYPE_CHECKING:
    from mailgate.model import Ticket
    from mailgate.notify.scene import Suggest
    from mailgate.store import Store


def suggester(store: Store, base_url: str) -> Suggest:
    """What finds articles like a ticket, as (title, URL); the second argument says whether internal ones may be named."""

    def suggest(ticket: Ticket, staff: bool) -> list[tuple[str, str]]:
        with store.read() as db:  # the reader that letters are being made with: one moment of the database
            found = suggestions.for_ticket(db, ticket, staff)
        return [(one.title, article_url(base_url, one.id)) for one in found]

    return suggest
