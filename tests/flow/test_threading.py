"""New ticket or reply (inbound.md section 5), through the whole inbound house."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailgate import clock
from mailgate.mail.tokens import make_message_id, reply_address
from mailgate.store import keys, tickets
from tests.support.desk import Office, mail, trusted


def test_a_message_becomes_a_ticket_of_its_sender(office: Office) -> None:
    row = office.receive(mail("Hello", "First words."))
    ticket = office.ticket(row["ticket_id"])
    entry = office.entries(ticket.id)[0]
    assert (row["outcome"], row["class"], ticket.subject, ticket.status, ticket.via) == (
        "new_ticket", "normal", "Hello", "new", "email",
    )  # fmt: skip
    assert (entry.kind, entry.text, entry.author_address, entry.queue_id) == (
        "message", "First words.", "customer@example.org", row["queue_id"],
    )  # fmt: skip
    assert office.subscribers(ticket.id) == ["customer@example.org"]
    assert "TicketOpened" in office.event_kinds(ticket.id)


@pytest.mark.parametrize("subject", ["Re: Hello {1}", "RE: {#1}", "AW: { 1 } x", "x {99} {1} {77}", "{9}{1}"])
def test_a_number_in_braces_finds_its_ticket(office: Office, subject: str) -> None:
    office.receive(mail("Hello"))
    row = office.receive(mail(subject, "More."))
    assert (row["outcome"], row["ticket_id"]) == ("reply", 1)
    assert [entry.text for entry in office.entries(1, "message")] == ["It burns.", "More."]


def test_the_last_number_that_names_a_ticket_wins(office: Office) -> None:
    office.receive(mail("one"))
    office.receive(mail("two"))
    assert office.receive(mail("{1} {2} {12}"))["ticket_id"] == 2


@pytest.mark.parametrize("field", ["in_reply_to", "references"])
def test_a_known_message_id_finds_its_ticket(office: Office, field: str) -> None:
    office.receive(mail(message_id="<first@example.org>"))
    row = office.receive(mail("other subject", **{field: "<unknown@x.org> <first@example.org>"}))
    assert (row["outcome"], row["ticket_id"]) == ("reply", 1)


def test_equal_subjects_are_not_one_thread(office: Office) -> None:
    office.receive(mail("help"))
    office.receive(mail("Re: help", thread_index="AQHabc"))
    assert office.ticket(2).subject == "Re: help"


def test_our_signed_message_id_finds_its_ticket_without_any_row(office: Office) -> None:
    office.receive(mail())
    ours = make_message_id(1, keys.signing_keys(office.store), "help.example.com")
    row = office.receive(mail("Re: x", in_reply_to=ours, sender="other@elsewhere.org"))
    assert row["ticket_id"] == 1
    assert office.entries(1, "message")[-1].marks == []  # our signature: the sender had our mail


def test_a_forged_signature_is_nothing(office: Office) -> None:
    office.receive(mail())
    ours = make_message_id(1, [b"another key of another house ...."], "help.example.com")
    assert office.receive(mail("Re: x", in_reply_to=ours))["outcome"] == "new_ticket"


def test_the_signed_reply_address_wins_over_the_subject(office: Office) -> None:
    office.receive(mail("one"))
    office.receive(mail("two"))
    address = reply_address("support@help.example.com", 1, keys.signing_keys(office.store), "+")
    row = office.receive(mail("{2}"), to=[address])
    assert row["ticket_id"] == 1
    forged = address.replace(".", ".aaaaaaaa", 1)
    assert office.receive(mail("{2}"), to=[forged])["ticket_id"] == 2


def test_the_answer_before_the_question_ends_in_one_ticket(office: Office) -> None:
    answer = office.receive(mail("Re: q", message_id="<a@x>", in_reply_to="<q@x>"))
    question = office.receive(mail("q", message_id="<q@x>", sender="Quinn <quinn@example.org>"))
    assert (answer["outcome"], question["outcome"]) == ("new_ticket", "reply")
    assert answer["ticket_id"] == question["ticket_id"]


def test_two_at_once_end_in_one_ticket(office: Office) -> None:
    from mailgate.mail.message import Envelope
    from mailgate.store.spool import Incoming

    futures = [
        office.store.spool.submit(
            Incoming(Envelope("customer@example.org", ("support@help.example.com",)), "smtp", raw=text.encode())
        )
        for text in (mail("Re: q", message_id="<a2@x>", references="<q2@x>"), mail("q", message_id="<q2@x>"))
    ]
    rows = [future.result().message for future in futures]
    office.intake.run_all()
    assert {office.row(row)["ticket_id"] for row in rows} == {1}


def test_strangers_who_answer_one_newsletter_stay_apart(office: Office) -> None:
    office.receive(mail("Re: News", "I like it", in_reply_to="<news@letters.org>"))
    row = office.receive(mail("Re: News", "I hate it", sender="z@other.org", in_reply_to="<news@letters.org>"))
    assert row["outcome"] == "new_ticket"


def test_a_merged_ticket_hands_over(office: Office) -> None:
    office.receive(mail("one", message_id="<m1@x>"))
    office.receive(mail("two"))
    office.act(lambda desk: desk.merge(1, 2))
    assert office.receive(mail("Re: {1}"))["ticket_id"] == 2
    assert office.receive(mail("Re:", references="<m1@x>"))["ticket_id"] == 2


def test_a_reply_reopens_a_closed_ticket(office: Office) -> None:
    office.receive(mail())
    office.act(lambda desk: desk.close(1))
    assert office.ticket(1).is_closed
    office.receive(mail("Re: {1}"))
    assert (office.ticket(1).status, office.ticket(1).closed_at) == ("open", None)
    assert "TicketReopened" in office.event_kinds(1)


def test_long_closed_means_a_new_linked_ticket(make_office: Callable[[str], Office]) -> None:
    office = make_office("[intake]\nnew_ticket_after_closed_days = 30\n")
    with clock.frozen(1_795_000_000) as advance:
        office.receive(mail())
        office.act(lambda desk: desk.close(1))
        advance(29 * 86400)
        assert office.receive(mail("Re: {1}"))["ticket_id"] == 1
        office.act(lambda desk: desk.close(1))
        advance(31 * 86400)
        row = office.receive(mail("Re: {1}"))
    assert (row["outcome"], row["ticket_id"]) == ("new_ticket", 2)
    with office.store.read() as db:
        assert tickets.links(db, 2) == [{"kind": "follow-up of", "ticket": 1}]


def test_the_same_message_twice_adds_nothing(office: Office) -> None:
    text = mail(message_id="<same@x>")
    first = office.receive(text, source="imap:a")
    second = office.receive("Delivered-To: x@y\n" + text, source="imap:b", to=["sales@help.example.com"])
    assert (second["outcome"], second["duplicate_of"], second["ticket_id"]) == ("duplicate", first["id"], 1)
    assert len(office.entries(1)) == 1


def test_one_message_id_with_other_words_is_a_reply_and_no_duplicate(office: Office) -> None:
    office.receive(mail(body="one", message_id="<same@x>"))
    row = office.receive(mail(body="two", message_id="<same@x>"))
    assert row["outcome"] == "reply"
    assert [entry.text for entry in office.entries(1, "message")] == ["one", "two"]


class TestStrangers:
    """A number in the subject is a hint, not a key."""

    def test_a_stranger_is_added_and_shown_to_technicians_only(self, office: Office) -> None:
        office.receive(mail())
        row = office.receive(mail("{1}", "send me the password", sender="Eve <eve@evil.org>"))
        entry = office.entries(1, "message")[-1]
        assert (row["outcome"], entry.marks, entry.public) == ("reply", ["non-subscriber"], False)
        assert "eve@evil.org" not in office.subscribers(1)

    def test_accepting_makes_it_public_and_subscribes(self, office: Office) -> None:
        office.receive(mail())
        office.receive(mail("{1}", sender="eve@evil.org"))
        entry = office.entries(1, "message")[-1]
        office.act(lambda desk: desk.accept(1, entry.id))
        assert office.entries(1, "message")[-1].public
        assert "eve@evil.org" in office.subscribers(1)

    def test_answering_accepts_too(self, office: Office) -> None:
        office.receive(mail())
        office.receive(mail("{1}", sender="eve@evil.org"))
        office.act(lambda desk: desk.reply(1, "Welcome, Eve."))
        assert "eve@evil.org" in office.subscribers(1)

    @pytest.mark.parametrize(("policy", "outcome", "ticket"), [("new_ticket", "new_ticket", 2), ("hold", "held", 1)])
    def test_policies(self, make_office: Callable[[str], Office], policy: str, outcome: str, ticket: int) -> None:
        office = make_office(f'[intake]\nstrangers = "{policy}"\n')
        office.receive(mail())
        row = office.receive(mail("{1}", sender="eve@evil.org"))
        assert (row["outcome"], row["ticket_id"]) == (outcome, ticket)

    def test_people_of_the_requesters_company_are_none(self, office: Office) -> None:
        from mailgate.store import people

        office.store.write(lambda tx: people.add_company(tx, "Example", ["example.org"]))
        office.receive(mail())
        office.receive(mail("x", sender="colleague@example.org"))
        office.receive(mail("{1}", sender="colleague@example.org"))
        assert office.entries(1, "message")[-1].marks == []

    def test_a_requester_who_fails_dmarc_is_one(self, office: Office) -> None:
        office.receive(mail())
        office.receive(mail("{1}"), findings={"authentication": {"dmarc": "fail"}})
        assert set(office.entries(1, "message")[-1].marks) == {"spoofed", "non-subscriber"}

    def test_a_technicians_name_alone_gives_no_powers(self, office: Office) -> None:
        office.receive(mail())
        office.receive(mail("{1} #tech# #close#", "inside", sender="tess@help.example.com"), sender="x@evil.org")
        entry = office.entries(1)[-1]
        assert (entry.kind, entry.marks) == ("message", ["non-subscriber"])
        assert not office.ticket(1).is_closed


class TestTechniciansByMail:
    """With proof, a technician's mail is a public reply of ours."""

    def test_a_trusted_source_makes_a_public_reply(self, office: Office) -> None:
        office.receive(mail())
        office.receive(mail("Re: {1}", "Pull the plug.", sender="tess@help.example.com"), client=trusted())
        entry = office.entries(1)[-1]
        assert (entry.kind, entry.author_name, entry.text) == ("reply", "Tess Technician", "Pull the plug.")
        assert office.ticket(1).first_answered_at is not None
        assert "ReplyAdded" in office.event_kinds(1)

    def test_dmarc_pass_is_proof_too(self, office: Office) -> None:
        office.receive(mail())
        findings = {"authentication": {"dmarc": "pass"}}
        office.receive(mail("Re: {1} #tech#", "psst", sender="tess@help.example.com"), findings=findings)
        entry = office.entries(1)[-1]
        assert (entry.kind, entry.public) == ("note", False)

    def test_close_with_text_is_one_event(self, office: Office) -> None:
        office.receive(mail())
        office.receive(mail("Re: {1} #close#", "Done.", sender="tess@help.example.com"), client=trusted())
        assert office.ticket(1).is_closed
        assert office.event_kinds(1).count("TicketClosed") == 1
        assert "ReplyAdded" not in office.event_kinds(1)
