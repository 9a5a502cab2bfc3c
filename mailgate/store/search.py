"""Full text over entries: words are folded the Turkish way, and queries the same way, where each word may go on.

Takes text, gives FTS5 rows and query strings. Promises: `ışık` is found by `isik`, `İSTANBUL` by `istanbul`; what a
person types is never a syntax error; the indexed text of one entry is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailgate.store.engine import Tx

_MAX_INDEXED = 64 * 1024
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Lower case without dotless ı; the tokeniser removes the other diacritics."""
    if text.isascii():
        return text.lower()
    return text.replace("İ", "i").replace("ı", "i").lower()  # a table for `translate` costs ten times as much


def add(tx: Tx, entry_id: int, texts: Iterable[str]) -> None:
    """Indexes the words of one entry."""
    words = fold("\n".join(texts)[:_MAX_INDEXED])
    sql = "INSERT INTO search (rowid, words) VALUES (:id, :words)"

    def index(end: Tx) -> None:
        end.run(sql, {"id": entry_id, "words": words})

    tx.at_end(index)


def remove(tx: Tx, entry_id: int, texts: Iterable[str]) -> None:
    """Takes the words of one entry out again; the index holds no texts, so they must be those that were added."""
    words = fold("\n".join(texts)[:_MAX_INDEXED])
    tx.run("INSERT INTO search (search, rowid, words) VALUES ('delete', :id, :words)", {"id": entry_id, "words": words})


def query(text: str) -> str:
    """A search as people type it: all words must be there, each as a prefix; "quoted words" in this order."""
    terms: list[str] = []
    for quoted, plain in re.findall(r'"([^"]{1,500})"|([^\s"]{1,500})', fold(text)[:2000]):
        words = _WORD.findall(quoted or plain)
        if quoted and words:
            terms.append('"' + " ".join(words) + '"')
        else:
            terms.extend(f'"{word}"*' for word in words)
    return " AND ".join(terms[:32]) or '""'
