"""HTML of a message as readable text, and as HTML that is safe to show.

stub to be replaced
"""

from __future__ import annotations
import re


def html_to_text(html: str, limit: int = 2_000_000) -> str:
    return re.sub(r"<[^>]*>", "", html)[:limit]


def sanitise(html: str) -> str:
    import nh3

    return nh3.clean(html)
