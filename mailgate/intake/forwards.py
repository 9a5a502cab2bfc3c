"""A technician's forward becomes the original sender's ticket (inbound.md section 6).

Takes the filing of the forward as it stands and the original that was found; gives the filing of the original: its
sender as requester, its text without the block of header lines, and what the technician wrote above as a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailgate.desk.filing import Filing
from mailgate.intake.reading import Reading
from mailgate.mail.subject import strip_prefixes
from mailgate.model import User
from mailgate.store.entries import NewAttachment


def of_original(filing: Filing, reading: Reading, requester: User, kept: Sequence[NewAttachment]) -> Filing:
    """The filing of the original message. Attachments of the forward stay, but for the forwarded message itself."""
    forwarded = reading.forwarded
    assert forwarded is not None
    own = list(filing.attachments)
    if forwarded.via == "attachment":
        nested = next((item for item in own if item.content_type == "message/rfc822"), None)
        own = [item for item in own if item is not nested]
    known = {item.sha256 for item in kept}
    return replace(
        filing,
        requester=requester,
        subject=strip_prefixes(forwarded.subject or filing.subject),
        text=forwarded.text,
        new_text=forwarded.text,
        html=reading.forwarded_html,
        note=forwarded.note,
        attachments=[*kept, *(item for item in own if item.sha256 not in known)],
    )
