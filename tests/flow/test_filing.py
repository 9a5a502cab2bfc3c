"""Hosted addresses, people, commands, forwards and held mail (inbound.md sections 2, 6, 7, 8), through the whole house."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mailgate.store import meters, people, spool
from mailgate.store.spool import audit
from tests.support.desk import Office, mail, trusted


@pytest.mark.parametrize(
    ("to", "category", "word"),
    [
        ("support@help.example.com", 1, None),
        ("support+2@help.example.com", 2, None),
        ("support+billing@help.example.com", 2, "billing"),
        ("SUPPORT+Billing@HELP.example.com", 2, "billing"),
        ("support+anything@help.example.com", 1, "anything"),
        ("support+billing+3@help.example.com", 3, "billing"),
        ("support+any-word+3@help.example.com", 3, "any-word"),
        ("support+99999@help.example.com", 1, None),
        ("sales@help.example.com", 3, None),
        ("sales+2@help.example.com", 2, None),
    ],
)
def test_hosted_addresses_choose_the_category(office: Office, to: str, category: int, word: str | None) -> None:
    ticket = office.ticket(office.receive(mail(), to=[to])["ticket_id"])
    assert (ticket.category_id, ticket.address_word) == (category, word)


def test_a_category_that_does_not_exist_is_written_down(office: Office) -> None:
    office.receive(mail(), to=["support+99999@help.example.com"])
    assert "99999" in office.entries(1, "event")[0].text


def test_the_first_recipient_that_names_a_category_decides(office: Office) -> None:
    to = ["support@help.example.com", "support+2@help.example.com", "support+3@help.example.com"]
    assert office.ticket(office.receive(mail(), to=to)["ticket_id"]).category_id == 2


def test_a_reply_leaves_the_category(office: Office) -> None:
    office.receive(mail())
    office.receive(mail("{1}"), to=["support+3@help.example.com"])
    assert office.ticket(1).category_id == 1


def test_a_rewritten_envelope_is_read_from_the_header(office: Office) -> None:
    text = "Delivered-To: support+2@help.example.com\n" + mail(to="list@elsewhere.org")
    assert office.ticket(office.receive(text, to=["u123@internal"])["ticket_id"]).category_id == 2


class TestPeople:
    """Section 6."""

    def test_an_unknown_sender_becomes_a_user(self, office: Office) -> None:
        office.receive(mail(sender='"Yılmaz, Ayşe" <ayse@example.org>'))
        user = office.user("ayse@example.org")
        assert user is not None
        assert (user.name, user.role) == ("Yılmaz, Ayşe", "user")

    def test_to_and_cc_subscribe_to_new_tickets_only(self, office: Office) -> None:
        text = mail(to="support+2@help.example.com, Bob <bob@example.org>", cc="eve@x.org, support@help.example.com")
        office.receive(text)
        assert office.subscribers(1) == ["customer@example.org", "bob@example.org", "eve@x.org"]
        office.receive(mail("{1}", cc="later@x.org"))
        assert "later@x.org" not in office.subscribers(1)

    def test_at_most_fifty(self, office: Office) -> None:
        office.receive(mail(cc=", ".join(f"p{n}@x.org" for n in range(80))))
        assert len(office.subscribers(1)) == 51

    def test_off_subscribes_the_sender_only(self, make_office: Callable[[str], Office]) -> None:
        office = make_office("[intake]\nsubscribe_to_and_cc = false\n")
        office.receive(mail(cc="bob@example.org"))
        assert office.subscribers(1) == ["customer@example.org"]

    def test_unregistered_mail_is_held_where_wanted(self, make_office: Callable[[str], Office]) -> None:
        office = make_office("[intake]\naccept_unregistered = false\n")
        row = office.receive(mail())
        assert (row["outcome"], row["class"]) == ("held", "unregistered")
        assert office.user("customer@example.org") is None

    def test_a_disabled_users_mail_is_held(self, office: Office) -> None:
        office.receive(mail())
        user = office.user("customer@example.org")
        assert user is not None
        office.store.write(lambda tx: people.change(tx, user.id, disabled=1))
        assert office.receive(mail())["class"] == "unregistered"

    def test_no_sender_at_all_is_a_ticket_too(self, office: Office) -> None:
        row = office.receive("Subject: who am I\n\nhello\n", sender=None)
        ticket = office.ticket(row["ticket_id"])
        with office.store.read() as db:
            assert people.get(db, ticket.requester_id).name == "(unknown sender)"

    def test_never_a_user_for_our_own_address(self, office: Office) -> None:
        row = office.receive(mail(sender="support@help.example.com"))
        assert (row["outcome"], row["class"]) == ("held", "loop")
        assert office.user("support@help.example.com") is None


class TestCommands:
    """Section 7."""

    def test_a_requester_closes_an_own_ticket(self, office: Office) -> None:
        office.receive(mail())
        office.receive(mail("Re: {1} #CLOSE#", "Thanks!"))
        assert office.ticket(1).is_closed
        assert office.entries(1, "message")[-1].text == "Thanks!"

    def test_unless_closing_is_restricted(self, make_office: Callable[[str], Office]) -> None:
        office = make_office("[intake]\nrestrict_closing = true\n")
        office.receive(mail())
        office.receive(mail("Re: {1} #close#", "Thanks!"))
        assert not office.ticket(1).is_closed

    def test_a_stranger_closes_nothing(self, office: Office) -> None:
        office.receive(mail())
        office.receive(mail("{1} #close#", sender="eve@evil.org"))
        assert not office.ticket(1).is_closed

    @pytest.mark.parametrize("command", ["#unsubscribe#", "#UNSUB#"])
    def test_unsubscribe_leaves_and_posts_nothing(self, office: Office, command: str) -> None:
        office.receive(mail())
        row = office.receive(mail(f"{{1}} {command}", "please stop"))
        assert (row["outcome"], office.subscribers(1)) == ("reply", [])
        assert all("please stop" not in entry.text for entry in office.entries(1))

    def test_commands_leave_the_subject(self, office: Office) -> None:
        office.receive(mail("Broken #tech# printer"))
        assert office.ticket(1).subject == "Broken printer"
        assert office.entries(1)[0].kind == "message"


class TestForwards:
    """Section 6, extract_forwarded_sender."""

    BODY = (
        "please handle\n\n---------- Forwarded message ---------\nFrom: Orla Original <orla@client.org>\n"
        "Date: Tue, Nov 24, 2026 at 9:00 AM\nSubject: My invoice\nTo: Tess <tess@help.example.com>\n"
        "Cc: <boss@client.org>\n\nThe invoice is wrong.\n"
    )

    @pytest.fixture
    def office(self, make_office: Callable[[str], Office]) -> Office:
        return make_office("[intake]\nextract_forwarded_sender = true\n")

    @pytest.mark.parametrize("subject", ["Fwd: My invoice", "My invoice", "FYI: invoice", "FW (2): My invoice"])
    def test_the_ticket_is_the_original_senders(self, office: Office, subject: str) -> None:
        text = mail(subject, self.BODY, sender="tess@help.example.com")
        office.receive(text, client=trusted(), sender="tess@help.example.com")
        ticket = office.ticket(1)
        with office.store.read() as db:
            assert people.get(db, ticket.requester_id).address == "orla@client.org"
        message, note = office.entries(1, "message", "note")
        assert (ticket.subject, message.text.strip(), note.text.strip()) == (
            "My invoice", "The invoice is wrong.", "please handle",
        )  # fmt: skip
        assert message.author_address == "orla@client.org"
        assert set(office.subscribers(1)) == {"orla@client.org", "boss@client.org", "tess@help.example.com"}

    def test_switched_on_and_off_while_running(self, make_office: Callable[[str], Office]) -> None:
        office, on = make_office(""), make_office("[intake]\nextract_forwarded_sender = true\n").config
        for number, config in enumerate((office.config, on, office.config), 1):
            office.intake.reload(config)
            office.receive(
                mail(f"Fwd: invoice {number}", self.BODY, sender="tess@help.example.com"),
                client=trusted(), sender="tess@help.example.com",
            )  # fmt: skip
        authors = [office.entries(number)[0].author_address for number in (1, 2, 3)]
        assert authors == ["tess@help.example.com", "orla@client.org", "tess@help.example.com"]

    def test_an_answer_with_a_forward_below_is_no_forward(self, office: Office) -> None:
        office.receive(mail("Re: My invoice", self.BODY, sender="tess@help.example.com"), client=trusted())
        assert office.entries(1)[0].author_address == "tess@help.example.com"

    def test_without_proof_it_stays_the_senders(self, office: Office) -> None:
        office.receive(mail("Fwd: My invoice", self.BODY, sender="tess@help.example.com"), sender="x@evil.org")
        with office.store.read() as db:
            assert people.get(db, office.ticket(1).requester_id).address == "tess@help.example.com"

    def test_nothing_found_stays_the_technicians(self, office: Office) -> None:
        office.receive(mail("Fwd: hm", "see above", sender="tess@help.example.com"), client=trusted())
        assert office.entries(1)[0].text == "see above"


class TestHeld:
    """Section 8: held, never dropped, never answered."""

    def test_an_out_of_office_does_not_reopen(self, office: Office) -> None:
        office.receive(mail())
        office.act(lambda desk: desk.close(1))
        row = office.receive(mail("Automatic reply: {1}", "I am away.", auto_submitted="auto-replied"))
        assert (row["outcome"], row["class"], row["ticket_id"]) == ("held", "auto_reply", 1)
        assert office.ticket(1).is_closed

    def test_alerts_are_tickets_that_are_not_answered(self, office: Office) -> None:
        row = office.receive(mail("DISK FULL", "on host x", auto_submitted="auto-generated"))
        assert row["outcome"] == "new_ticket"
        assert "automatic" in office.entries(1)[0].marks

    def test_noreply_is_junk_with_an_allow_list(self, make_office: Callable[[str], Office]) -> None:
        office = make_office('[screen]\nnoreply_allow = ["shop.org"]\n')
        assert office.receive(mail(sender="noreply@x.org"))["outcome"] == "held"
        assert office.receive(mail(sender="no-reply@shop.org"))["outcome"] == "new_ticket"

    def test_release_files_it_and_audit_still_balances(self, office: Office) -> None:
        row = office.receive(mail(sender="noreply@x.org"))
        assert office.store.write(lambda tx: spool.reopen(tx, row["id"], ("held",), released=True))
        office.intake.run_all()
        assert office.row(row["id"])["outcome"] == "new_ticket"
        with office.store.read() as db:
            assert audit(db).balanced

    def test_two_robots_are_held_and_told_once(self, make_office: Callable[[str], Office]) -> None:
        office = make_office("[screen]\nloop_per_address = 5\n")
        rows = [office.receive(mail(f"tick {n}", f"tock {n}")) for n in range(9)]
        assert [row["outcome"] for row in rows] == ["new_ticket"] * 5 + ["held"] * 4
        assert {row["class"] for row in rows[5:]} == {"loop"}
        with office.store.read() as db:
            told = db.value("SELECT COUNT(*) FROM event WHERE kind = 'LoopHeld'")
            assert told == 1
            assert meters.read(db, "from:customer@example.org", 3600) == 9

    def test_why_shows_each_step(self, office: Office) -> None:
        row = office.receive(mail(sender="noreply@x.org"))
        steps = [step["step"] for step in json.loads(row["trace"])]
        assert [s for s in steps if s in steps][:5] == ["route", "thread", "sender", "duplicate", "bounce"]
        assert "noreply" in row["reason"] or "no-reply" in row["reason"]


class TestBounces:
    """A bounce is tied to the ticket whose mail it returns."""

    def bounce(self, message_id: str) -> str:
        return (
            "From: MAILER-DAEMON@mx.example.net\nTo: support@help.example.com\nSubject: Undelivered Mail Returned to Sender\n"
            f"Message-ID: <b{message_id[1:9]}{id(self)}@mx>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
            "--B\nContent-Type: text/plain\n\nIt could not be delivered.\n"
            "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
            "Final-Recipient: rfc822; gone@example.org\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
            f"--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\nSubject: [1]\n\n--B--\n"
        )

    def test_it_is_held_and_noted_on_the_ticket(self, office: Office) -> None:
        from mailgate.mail.tokens import make_message_id
        from mailgate.store import keys, suppressions

        office.receive(mail())
        signing = keys.signing_keys(office.store)
        for _ in range(3):
            row = office.receive(self.bounce(make_message_id(1, signing, "help.example.com")), sender=None)
            assert (row["outcome"], row["class"], row["ticket_id"]) == ("held", "bounce", 1)
        assert "gone@example.org" in office.entries(1, "event")[0].text
        with office.store.read() as db:
            assert suppressions.is_suppressed(db, "gone@example.org")

    def test_a_bounce_of_somebody_elses_mail_silences_nobody(self, office: Office) -> None:
        from mailgate.store import suppressions

        for _ in range(4):
            office.receive(self.bounce("<theirs@elsewhere.org>"), sender=None)
        with office.store.read() as db:
            assert not suppressions.is_suppressed(db, "gone@example.org")


class TestImport:
    """Mail of an archive becomes tickets, and nobody is written to."""

    def test_nobody_hears_of_imported_mail(self, office: Office) -> None:
        from mailgate.reactor import Reactor
        from mailgate.store import outbox

        office.receive(mail(), source="import")
        office.receive(mail("Re: {1}"), source="import:old")
        Reactor(office.store, office.config).react()
        with office.store.read() as db:
            assert outbox.listed(db) == []
        office.receive(mail("a new one", sender="new@example.org"))
        Reactor(office.store, office.config).react()
        with office.store.read() as db:
            assert outbox.listed(db) != []


def test_a_category_that_does_not_exist_is_named_in_the_reasons(office: Office) -> None:
    row = office.receive(mail(), to=["support+99@help.example.com"])
    route = next(step for step in json.loads(row["trace"]) if step["step"] == "route")
    assert route["detail"].endswith("category 99, which was asked for, does not exist")
    assert "category 99 " in office.entries(row["ticket_id"], "event")[0].text
