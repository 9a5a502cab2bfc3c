"""Mail in, answers out, answers back in: the whole way round (outbound.md sections 1 to 3), over real SMTP to a relay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailgate.mail.tokens import read_message_id
from mailgate.store import keys, outbox, people
from tests.support.desk import mail
from tests.support.installation import Installation
from tests.support.relay import SinkRelay

Make = Callable[..., Installation]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes installations, each with a relay of its own."""
    made: list[Installation] = []

    def build(extra: str = "", answer: Any = None) -> Installation:
        sink = SinkRelay(answer)
        sink.start()
        made.append(Installation(tmp_path / f"i{len(made)}", sink, extra))
        return made[-1]

    yield build
    for one in made:
        one.close()
        one.sink.stop()


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def answer(to: EmailMessage, body: str = "Thanks, it still burns.", **fields: str) -> str:
    """What a mail program makes of "Reply"."""
    references = " ".join([str(to["References"] or ""), str(to["Message-ID"])]).strip()
    fields = {"in_reply_to": str(to["Message-ID"]), "references": references, **fields}
    return mail(f"Re: {to['Subject']}", body, **fields)


def signed_ticket(office: Installation, message_id: str) -> int | None:
    return read_message_id(message_id, keys.signing_keys(office.store))


def customers(sent: list[EmailMessage]) -> list[EmailMessage]:
    return [one for one in sent if "customer@example.org" in str(one["To"])]


def test_mail_in_confirmation_out(make: Make) -> None:
    office = make()
    office.receive(mail("Printer on fire", message_id="<first@example.org>"))
    welcome, confirmation = sorted(customers(office.post()), key=lambda one: "{1}" in str(one["Subject"]))
    assert "welcome" in str(welcome["Subject"]).lower()  # the mail made its sender a user
    assert str(confirmation["Subject"]).count("{1}") == 1
    assert confirmation["Auto-Submitted"] == "auto-replied"
    assert confirmation["X-Auto-Response-Suppress"] == "All"
    assert confirmation["In-Reply-To"] == "<first@example.org>"
    assert "<first@example.org>" in str(confirmation["References"])
    assert signed_ticket(office, str(confirmation["Message-ID"])) == 1
    assert office.post() == []


def test_a_technicians_answer_and_the_customers(make: Make) -> None:
    office = make()
    office.receive(mail("Printer on fire", message_id="<first@example.org>"))
    office.post()
    office.act(lambda desk: desk.reply(1, "Use the extinguisher."))
    sent = customers(office.post())
    assert len(sent) == 1
    reply = sent[0]
    assert "Use the extinguisher." in text_of(reply)
    assert str(reply["Subject"]).count("{1}") == 1
    assert "Tess Technician" in str(reply["From"])
    assert "support@help.example.com" in str(reply["From"])
    assert reply["Auto-Submitted"] is None  # a person wrote it
    assert "<first@example.org>" in str(reply["References"])
    assert signed_ticket(office, str(reply["Message-ID"])) == 1
    row = office.receive(answer(reply))
    assert (row["outcome"], row["ticket_id"]) == ("reply", 1)
    entry = office.entries(1, "message")[-1]
    assert "non-subscriber" not in entry.marks
    assert [str(one["To"]) for one in customers(office.post())] == []  # who wrote is not told
    office.act(lambda desk: desk.reply(1, "And now?"))
    again = customers(office.post())[0]
    assert str(reply["Message-ID"]) in str(again["References"])


def test_an_answer_without_any_mark_but_the_references_of_a_mail_program(make: Make) -> None:
    office = make()
    office.receive(mail("Printer on fire"))
    confirmation = customers(office.post())[0]
    row = office.receive(mail("something else entirely", in_reply_to=str(confirmation["Message-ID"])))
    assert (row["outcome"], row["ticket_id"]) == ("reply", 1)


def test_assigned_closed_and_reopened(make: Make) -> None:
    office = make()
    office.receive(mail())
    office.post()
    with office.store.read() as db:
        admin = people.named(db, "admin@help.example.com")
    office.act(lambda desk: desk.assign(1, office.technician), admin)
    assigned = office.post()
    assert [str(one["To"]) for one in assigned] == ["Tess Technician <tess@help.example.com>"]
    assert assigned[0]["Auto-Submitted"] == "auto-generated"
    office.act(lambda desk: desk.close(1, "It is out."))
    closed = customers(office.post())
    assert len(closed) == 1  # a reply that closes makes one mail
    assert "It is out." in text_of(closed[0])
    office.receive(answer(closed[0], "It burns again."))
    assert office.ticket(1).status != "closed"
    assert [str(one["To"]) for one in office.post()] == ["Tess Technician <tess@help.example.com>"]


NEVER_ANSWERED = {
    "bounce": (
        None,
        "From: MAILER-DAEMON@example.org\nTo: support@help.example.com\nSubject: Undelivered Mail Returned to Sender\n"
        "Auto-Submitted: auto-replied\nMessage-ID: <b@example.org>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nno such user\n\n--b\n'
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; example.org\n\nFinal-Recipient: rfc822; x@y.org\n"
        "Action: failed\nStatus: 5.1.1\n\n--b--\n",
    ),
    "out of office": ("customer@example.org", mail("Out of office: x", auto_submitted="auto-replied")),
    "alert": ("nagios@example.org", mail("PROBLEM", sender="nagios@example.org", auto_submitted="auto-generated")),
    "list": ("list-bounces@example.org", mail("[list] hello", list_id="<list.example.org>", precedence="list")),
    "null reverse-path": (None, mail("hello")),
    "suppressed by its program": (
        "customer@example.org",
        mail("x", x_auto_response_suppress="All", auto_submitted="auto-generated"),
    ),
    "own mail": ("support@help.example.com", mail("x", sender="support@help.example.com")),
}


@pytest.mark.parametrize("kind", NEVER_ANSWERED)
def test_what_is_never_answered(make: Make, kind: str) -> None:
    office = make()
    sender, raw = NEVER_ANSWERED[kind]
    office.receive(raw, sender=sender)
    assert [str(one["To"]) for one in office.post() if "help.example.com" not in str(one["To"])] == []


def test_every_automatic_letter_says_so(make: Make) -> None:
    office = make()
    office.receive(mail())
    office.act(lambda desk: desk.close(1))
    sent = office.post()
    assert sent
    assert all(str(one["Auto-Submitted"]).startswith("auto-") for one in sent)
    assert all(one["X-Auto-Response-Suppress"] == "All" for one in sent)


def test_letters_are_seven_bit_and_within_limits(make: Make) -> None:
    office = make()
    office.receive(
        mail("Şikâyet: 打印机", "Çok uzun " * 500 + "\n.\nFrom here\n", sender="Gül Çiçek <customer@example.org>")
    )
    office.act(lambda desk: desk.reply(1, "Şöyle: " + "ğ" * 3000))
    office.post()
    for _, raw in office.sink.received:
        assert raw.isascii()
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")


def test_a_refused_recipient_is_an_entry_on_the_ticket(make: Make) -> None:
    office = make(answer=lambda address: "550 5.1.1 no such user" if address == "customer@example.org" else None)
    office.receive(mail())
    office.act(lambda desk: desk.reply(1, "Hello?"))
    office.post()
    failures = [entry.text for entry in office.entries(1, "event") if "not delivered" in entry.text]
    assert failures == ["mail to customer@example.org was not delivered: 550 5.1.1 no such user"] * 2  # two letters
    assert office.event_kinds(1).count("DeliveryFailed") == 2
    office.post()
    assert len([entry for entry in office.entries(1, "event") if "not delivered" in entry.text]) == 2


def test_promise_7_at_least_once_with_the_same_message_id_and_not_twice_without_need(make: Make) -> None:
    """What was not written down after the relay's 250 is sent again, the same letter; what was is not."""
    office = make()
    office.receive(mail())
    office.post()
    before = [raw for _, raw in office.sink.received]
    with office.store.read() as db:
        rows = outbox.listed(db)
    assert {row["status"] for row in rows} == {"sent"}
    lost = rows[0]["id"]

    def forget(tx: Any) -> None:  # the state that a crash between the relay's answer and our disk leaves
        tx.run("UPDATE outbox SET status = 'pending', attempts = 0, finished_at = NULL WHERE id = :id", {"id": lost})
        tx.run("UPDATE outbox_recipient SET status = 'pending' WHERE outbox_id = :id", {"id": lost})

    office.store.write(forget)
    repeated = office.post()
    assert [str(one["Message-ID"]) for one in repeated] == [rows[0]["message_id"]]
    after = [raw for _, raw in office.sink.received]
    assert after[:-1] == before
    assert after[-1] in before


@pytest.mark.parametrize(("language", "words"), [("en", "received"), ("tr", "talebinizi aldık")])
def test_the_requesters_language(make: Make, language: str, words: str) -> None:
    office = make()
    person = office.store.write(lambda tx: people.add(tx, ["customer@example.org"], "Carl Customer"))
    office.store.write(lambda tx: people.change(tx, person.id, language=language))
    office.receive(mail())
    confirmation = customers(office.post())[0]
    assert words in (text_of(confirmation) + str(confirmation["Subject"])).lower()
