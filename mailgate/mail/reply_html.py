"""What the HTML of a reply knows about its quotation and signature, where the text leaves doubt.

Takes the lines of the text and the HTML; gives line numbers. Promises: a line number only where the text itself holds
the words found in the HTML; HTML above 500,000 characters is not looked at; never raises.
Standards: none; class names and ids that mail programs give to quotations and signatures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

HTML_LENGTH = 500_000
_QUOTES = (
    "div.gmail_quote, blockquote.gmail_quote, #divRplyFwdMsg, #appendonsend, div.OutlookMessageHeader, "
    "blockquote[type=cite], div.moz-cite-prefix, div.yahoo_quoted, blockquote.protonmail_quote, div.protonmail_quote, "
    "div.zmail_extra, blockquote.tutanota_quote, #isReplyContent, blockquote.iosymail, div.WordSection1 > div > "
    "div[style*='border-top:solid #E1E1E1'], div[style*='border-top:solid #B5C4DF'], "
    "div[style*='border-top: solid #E1E1E1'], div[style*='border-top: 1pt solid'], #mail-editor-reference-message-container, "
    "div.gmail_extra, #reply-intro, div.ms-outlook-mobile-reference-message, #x_divRplyFwdMsg, div.mail_quote"
)
_HINTS = re.compile(
    r"gmail_quote|divRplyFwdMsg|appendonsend|OutlookMessageHeader|type=.?cite|moz-cite|yahoo_quoted|protonmail_quote|"
    r"zmail_extra|tutanota_quote|isReplyContent|iosymail|border-top:|reference-message|gmail_extra|reply-intro|mail_quote",
    re.I,
)
_SIGNATURES = (
    "div.gmail_signature, div.moz-signature, pre.moz-signature, #AppleMailSignature, div.AppleMailSignature, "
    "#Signature, div.protonmail_signature_block, #ms-outlook-mobile-signature, div.tutanota_signature, "
    "div[class*='signature' i], div[id*='signature' i], div[name='messageSignatureSection'], table[class*='signature' i], "
    "div[data-smartmail='gmail_signature']"
)
_SIGNATURE_HINTS = re.compile(r"(?:class|id|name|smartmail)=[\"']?[^\"'>]{0,60}signature", re.I)
_SPACES = re.compile(r"[\s\u00a0>|*_]+")
# What the text shows of a link or a picture beside its words: <https://...>, [logo], [image: logo].
_BESIDE = re.compile(r"<[^<>\s]{3,500}>|\[[^\[\]]{1,200}\]")
_PROBE = 60
_SIGNATURE_LINES = 60
_CANDIDATES = 8


def _squeeze(text: str) -> str:
    return _SPACES.sub("", text)


def html_boundary(lines: list[str], html: str) -> int | None:
    """The first line that stands in a quotation of the HTML, or None where it shows none that the text has too."""
    if len(html) > HTML_LENGTH or not _HINTS.search(html):
        return None
    from selectolax.lexbor import LexborHTMLParser

    node = LexborHTMLParser(html).css_first(_QUOTES)
    if node is None:
        return None
    probe = _squeeze((node.text(separator=" ") or "")[:4000])[:_PROBE]
    if not probe:
        node = node.next
        while node is not None and not probe:
            probe = _squeeze((node.text(separator=" ") or "")[:4000])[:_PROBE]
            node = node.next
    return _line_of(lines, probe) if len(probe) >= 8 else None


def _line_of(lines: list[str], probe: str) -> int | None:
    """The last line at which the text, without its spaces, goes on like the probe."""
    for index, line in enumerate(lines):
        start = _squeeze(line[:200])
        if not start or not (probe.startswith(start) or start.startswith(probe)):
            continue
        ahead = _squeeze(" ".join(lines[index : index + 12])[:2000])
        if ahead.startswith(probe):
            return index
    return None


def html_signature(lines: list[str], end: int, html: str, known: Sequence[str] = ()) -> int:
    """The first line of a signature that the HTML marks as such and the text ends with; `end` where there is none.

    One that stands in the lines `known` below is not looked for again: who signs by hand repeats it.
    """
    if len(html) > HTML_LENGTH or not _SIGNATURE_HINTS.search(html):
        return end
    from selectolax.lexbor import LexborHTMLParser

    below = _words_only(" ".join(known)[:4000])
    for node in LexborHTMLParser(html).css(_SIGNATURES)[:_CANDIDATES]:
        wanted = _words_only(node.text(separator=" ") or "")[:2000]
        start = _ends_with(lines, end, wanted) if wanted and wanted not in below else end
        if start < end:
            return start
    return end


def _words_only(text: str) -> str:
    return _squeeze(_BESIDE.sub("", text))


def _ends_with(lines: list[str], end: int, wanted: str) -> int:
    """The line at which the last lines before `end` say what is wanted, and something stands above them."""
    have = ""
    for index in range(end - 1, max(-1, end - _SIGNATURE_LINES), -1):
        have = _words_only(lines[index][:1000]) + have
        if have == wanted:
            return index if any(line.strip() for line in lines[:index]) else end
        if len(have) > len(wanted):
            break
    return end
