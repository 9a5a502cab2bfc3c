"""The bound on automatic mail, so that whatever two robots do, the number of mails stays small.

Takes a transaction and a letter about to go out; counts it and says whether a limit holds it back. Promises: counted in
the transaction that writes the letter, so that nothing is counted that does not go out and nothing goes out uncounted;
what is held back is an entry in the ticket's log, and administrators hear of it once in the time of the limit.
Standard: RFC 3834 section 2 (an automatic responder must not be made to flood anybody).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgate.model import EntryKind
from mailgate.notify.letters import Letter
from mailgate.notify.words import say
from mailgate.store import entries, events, meters
from mailgate.store.entries import NewEntry

if TYPE_CHECKING:
    from mailgate.config import Config
    from mailgate.store import Tx


def holds_back(tx: Tx, config: Config, letter: Letter) -> bool:
    """Counts an automatic letter to people outside; True where a limit is exceeded, and then it is written down.

    Letters to technicians are not counted: each belongs to an event that was counted when its message came in.
    """
    if not letter.capped:
        return False
    screen = config.screen
    window = screen.loop_window.total_seconds()
    for address in letter.new.recipients:
        if _is_over(tx, config, letter, f"auto:{address.lower()}", screen.auto_mail_per_address, window, address):
            return True
    return _is_over(tx, config, letter, "auto:*", screen.auto_mail_in_all, window, letter.new.recipients[0])


def _is_over(tx: Tx, config: Config, letter: Letter, meter: str, limit: int, window: float, address: str) -> bool:
    count = meters.hit(tx, meter, window)
    if count <= limit:
        return False
    language = config.general.language
    if letter.new.ticket_id is not None:
        text = say(language, "withheld", template=letter.new.template, address=address, count=limit)
        data = {"what": "mail withheld", "from": None, "to": address, "template": letter.new.template}
        entries.add(tx, letter.new.ticket_id, NewEntry(EntryKind.EVENT, (None, "mailgate", ""), text, data=data))
    if meters.hit(tx, f"told {meter}", window) == 1:
        events.add(tx, "MailHeld", letter.new.ticket_id, address=address, count=limit)
    return True
