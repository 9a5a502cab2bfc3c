"""Our letters answered as people answer: through intake and back, by number, by thread, by command; and returned unread."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailgate.reactor import Reactor
from mailgate.store import outbox
from tests.support.desk import Office, mail


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


def letters(office: Office) -> list[tuple[str, EmailMessage, bytes]]:
    """(recipients, message, bytes) of what the reactor makes now, taken out of the outbox."""
    Reactor(office.store, office.config).react()
    with office.store.read() as db:
        rows = list(reversed(outbox.listed(db, "pending")))
        raws = [office.store.blobs.get(db, row["raw"]) for row in rows]
    found: list[tuple[str, EmailMessage, bytes]] = []
    for row, raw in zip(rows, raws, strict=True):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        found.append((row["to_list"], message, raw))
        office.store.write(lambda tx, which=row["id"]: outbox.cancel(tx, which))
    return found


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def opened(office: Office) -> EmailMessage:
    """A customer's ticket, answered by a technician: the answer."""
    office.receive(mail())
    letters(office)
    office.act(lambda desk: desk.reply(1, "Use **water**."))
    return next(message for to, message, _ in letters(office) if to == "customer@example.org")


@pytest.mark.parametrize("how", ["number", "thread"])
def test_an_answer_finds_its_ticket_and_only_its_new_words_are_shown(office: Office, how: str) -> None:
    answer = opened(office)
    quoted = "".join(f"> {line}\n" for line in text(answer).splitlines())
    body = f"That helped.\n\nOn Wed, Nov 25, 2026 at 10:00 AM Tess Technician <support@help.example.com> wrote:\n\n{quoted}"
    if how == "number":
        office.receive(mail(f"Re: {answer['Subject']}", body))
    else:
        office.receive(mail("another subject", body, in_reply_to=answer["Message-ID"], references=answer["Message-ID"]))
    entry = office.entries(1)[-1]
    assert (entry.kind, entry.reply_text.strip()) == ("message", "That helped.")
    assert "non-subscriber" not in entry.marks


def test_an_answer_above_our_line_without_any_quotation_marks(office: Office) -> None:
    answer = opened(office)
    office.receive(mail(f"Ynt: {answer['Subject']}", f"Oldu.\n\n{text(answer)}"))
    assert office.entries(1)[-1].reply_text.strip() == "Oldu."


def test_the_mail_command_of_list_unsubscribe_works(office: Office) -> None:
    answer = opened(office)
    found = re.search(r"<mailto:([^?>]*)\?subject=([^>]*)>", str(answer["List-Unsubscribe"]))
    assert found is not None
    from urllib.parse import unquote

    office.receive(mail(unquote(found[2]), "", to=unquote(found[1])), to=[unquote(found[1])])
    assert office.subscribers(1) == []
    office.act(lambda desk: desk.reply(1, "More."))
    assert letters(office) == []


def test_our_own_letter_that_comes_back_makes_nothing(office: Office) -> None:
    office.receive(mail())
    returned = letters(office)
    assert len(returned) == 3  # welcome, confirmation, new ticket
    for _, _, raw in returned:
        row = office.receive(raw, sender="support@help.example.com")
        assert (row["class"], row["outcome"]) == ("loop", "held")
    assert letters(office) == []
    assert len(office.entries(1)) == 1


def test_an_out_of_office_in_answer_to_our_letter_is_not_answered(office: Office) -> None:
    answer = opened(office)
    body = "I am away."
    office.receive(
        mail(
            f"Automatic reply: {answer['Subject']}",
            body,
            auto_submitted="auto-replied",
            in_reply_to=answer["Message-ID"],
        )
    )
    assert letters(office) == []


def test_a_robot_that_opens_tickets_is_not_confirmed(office: Office) -> None:
    office.receive(mail("Disk full", "On host a.", sender="alerts@example.org", auto_submitted="auto-generated"))
    assert [to for to, _, _ in letters(office)] == ["tess@help.example.com"]


def test_one_conversation_from_the_customers_side(office: Office) -> None:
    office.receive(mail(message_id="<first@example.org>"))
    _, confirmation = [message for to, message, _ in letters(office) if to == "customer@example.org"]
    office.act(lambda desk: desk.reply(1, "Use water."))
    ((_, answer, _),) = [found for found in letters(office) if found[0] == "customer@example.org"]
    office.receive(mail("Re: x", "Done.", message_id="<second@example.org>", in_reply_to=answer["Message-ID"]))
    letters(office)
    office.act(lambda desk: desk.reply(1, "Good.", close=True))
    ((_, closed, _),) = [found for found in letters(office) if found[0] == "customer@example.org"]
    for message in (confirmation, answer, closed):
        assert str(message["References"]).split()[0] == "<first@example.org>"
        assert message["Subject"] == "Re: Printer on fire {1}"
    assert closed["In-Reply-To"] == "<second@example.org>"
    assert answer["Message-ID"] in str(closed["References"]).split()
