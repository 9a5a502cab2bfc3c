"""An article of the knowledge base, as plain data.

Takes nothing; gives the dataclass that store, desk, web and the command line share. Promises: times are UTC epoch
seconds; `text` is Markdown as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ARTICLE_LANGUAGES = ("en", "tr")
"""Languages whose words are stemmed; an article in another one is found by its words as they stand."""


@dataclass(slots=True)
class Article:
    """What an article says, now or in an earlier version. `name` is its file's name without the ending."""

    id: int
    name: str
    title: str
    text: str
    category_id: int
    category: str
    internal: bool
    language: str
    version: int
    tags: list[str] = field(default_factory=list)
    author: str = ""
    created_at: float = 0.0
    updated_at: float = 0.0
    category_internal: bool = False

    @property
    def body(self) -> str:
        """The text without a first heading that repeats the title."""
        first, _, rest = self.text.partition("\n")
        repeated = first.startswith("# ") and first[2:].strip().casefold() == self.title.casefold()
        return rest.strip() or self.text if repeated else self.text

    @property
    def public(self) -> bool:
        """Whether requesters may see it: not internal itself, nor in a category of technicians alone."""
        return not self.internal and not self.category_internal
