"""Every cell of the table in outbound.md section 3: event, setting and role, and who hears of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate import clock
from mailgate.model import Role
from mailgate.notify.matrix import TABLE
from mailgate.store import people, suppressions, tickets
from tests.support.letters import PostRoom

Told = list[tuple[str, str]]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path)
    yield made
    made.close()


def test_the_table_names_only_templates_that_exist() -> None:
    from mailgate.notify.templates import EVENTS

    assert {row.template for row in TABLE} == set(EVENTS)


# -- new tickets -------------------------------------------------------------------------------------------------------

NEW = ("new_ticket", "tess"), ("new_ticket", "tom")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [("confirmation", "rita"), *NEW]),
        ({"enabled": False}, []),
        ({"confirmation": False}, [*NEW]),
        ({"technicians_new_tickets": False}, [("confirmation", "rita")]),
        ({"admins_new_tickets": True}, [("confirmation", "rita"), ("new_ticket", "ada"), *NEW]),
        (
            {"admins_new_tickets": True, "technicians_new_tickets": False},
            [("confirmation", "rita"), ("new_ticket", "ada")],
        ),
        ({"ticket_closed": False, "all_technicians_on_customer_update": True}, [("confirmation", "rita"), *NEW]),
    ],
)
def test_new_ticket_by_mail(room: PostRoom, settings: dict[str, Any], expected: Told) -> None:
    room.set("notifications", **settings)
    room.ticket(quiet=False)
    assert room.told() == sorted(expected)


def test_a_ticket_from_the_command_line_is_not_confirmed(room: PostRoom) -> None:
    room.act(room.tess, lambda desk: desk.open("Hello", "text", room.rita, room.general))
    assert room.told() == [("new_ticket", "tom")]  # and tess, who made it, is not told


def test_a_ticket_of_another_category_goes_to_its_technicians(room: PostRoom) -> None:
    room.ticket(quiet=False, category=room.sales)
    assert room.told() == [("confirmation", "rita"), ("new_ticket", "tina")]


def test_a_technician_who_writes_a_ticket_gets_a_confirmation_and_no_news_of_it(room: PostRoom) -> None:
    room.ticket(room.tess, quiet=False)
    assert room.told() == [("confirmation", "tess"), ("new_ticket", "tom")]


@pytest.mark.parametrize(("own", "heard"), [(False, []), (True, [("new_ticket", "ada"), ("new_ticket", "tess")])])
def test_a_persons_own_setting_for_new_tickets_wins(room: PostRoom, own: bool, heard: Told) -> None:
    room.set("notifications", technicians_new_tickets=not own, admins_new_tickets=not own, confirmation=False)
    for person in (room.tess, room.ada):
        room.change(person, new_ticket_mail=own)
    room.change(room.tom, new_ticket_mail=False)
    room.ticket(quiet=False)
    assert room.told() == heard


@pytest.mark.parametrize("mark", ["automatic", "spoofed"])
def test_machines_and_forged_senders_are_not_answered_but_technicians_hear_of_them(room: PostRoom, mark: str) -> None:
    room.ticket(quiet=False, marks=[mark])
    assert room.told() == [*NEW]


def test_the_sender_of_a_forwarded_mail_is_not_confirmed(room: PostRoom) -> None:
    room.ticket(room.tess, quiet=False, requester=room.rita)
    assert room.told() == [("new_ticket", "tom")]


@pytest.mark.parametrize(
    ("days", "expected"), [(4, [("confirmation", "rita"), *NEW]), (6, [*NEW]), (29, [*NEW]), (31, []), (4000, [])]
)
def test_mail_of_long_ago_is_filed_in_silence(room: PostRoom, days: int, expected: Told) -> None:
    """An import, or the first poll of an old mailbox, must not write to the customers of years ago."""
    room.ticket(quiet=False, received_at=clock.now() - days * 86400)
    assert room.told() == sorted(expected)


def test_old_answers_are_filed_in_silence_too(room: PostRoom) -> None:
    ticket = room.ticket()
    long_ago = clock.now() - 400 * 86400
    room.mail(ticket, room.rita, received_at=long_ago)
    room.mail(ticket, room.tess, powers=True, received_at=long_ago)
    room.mail(ticket, room.rita, "solved", close=True, received_at=long_ago)
    assert room.told() == []


# -- moved -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [("new_ticket", "tina")]),
        ({"technicians_new_tickets": False}, []),
        ({"enabled": False}, []),
        ({"admins_new_tickets": True}, [("new_ticket", "tina")]),
    ],
)
def test_moved(room: PostRoom, settings: dict[str, Any], expected: Told) -> None:
    ticket = room.ticket()
    room.set("notifications", **settings)
    for person in (room.tom, room.ada):  # tom sees both categories, ada as an administrator sees all
        room.store.write(lambda tx, who=person.id: people.set_categories(tx, who, [room.general.id, room.sales.id]))
    room.act(room.tess, lambda desk: desk.move(ticket, room.sales))
    assert room.told() == expected


# -- public replies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [("updated", "rita"), ("updated", "sam"), ("updated", "tom")]),
        ({"enabled": False}, []),
        ({"updates_only_from_technicians": True}, [("updated", "rita"), ("updated", "sam"), ("updated", "tom")]),
        ({"all_technicians_on_customer_update": True}, [("updated", "rita"), ("updated", "sam"), ("updated", "tom")]),
        ({"ticket_closed": False}, [("updated", "rita"), ("updated", "sam"), ("updated", "tom")]),
    ],
)
def test_public_reply_by_a_technician(room: PostRoom, settings: dict[str, Any], expected: Told) -> None:
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    room.letters()
    room.set("notifications", **settings)
    room.act(room.tess, lambda desk: desk.reply(ticket, "Use water."))
    assert room.told() == expected


def test_the_assignee_who_replies_is_not_told(room: PostRoom) -> None:
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.take(ticket))
    room.letters()
    room.act(room.tess, lambda desk: desk.reply(ticket, "Use water."))
    assert room.told() == [("updated", "rita"), ("updated", "sam")]


def test_a_requester_who_left_is_not_told(room: PostRoom) -> None:
    ticket = room.ticket()
    room.store.write(lambda tx: tickets.unsubscribe(tx, ticket, room.rita.id))
    room.act(room.tess, lambda desk: desk.reply(ticket, "Use water."))
    assert room.told() == [("updated", "sam")]


@pytest.mark.parametrize(
    ("settings", "assigned", "expected"),
    [
        ({}, False, ["sam", "tess", "tom"]),
        ({}, True, ["sam", "tess"]),
        ({"all_technicians_on_customer_update": True}, True, ["sam", "tess", "tom"]),
        ({"updates_only_from_technicians": True}, True, ["tess"]),
        ({"updates_only_from_technicians": True}, False, ["tess", "tom"]),
        ({"updates_only_from_technicians": True, "all_technicians_on_customer_update": True}, True, ["tess", "tom"]),
        ({"enabled": False}, False, []),
        ({"technicians_new_tickets": False}, False, ["sam", "tess", "tom"]),
    ],
)
def test_public_reply_by_the_requester(
    room: PostRoom, settings: dict[str, Any], assigned: bool, expected: list[str]
) -> None:
    ticket = room.ticket()
    if assigned:
        room.act(room.tess, lambda desk: desk.take(ticket))
        room.letters()
    room.set("notifications", **settings)
    room.mail(ticket, room.rita)
    assert room.told() == [("updated", name) for name in expected]


def test_public_reply_by_a_subscriber_reaches_the_requester(room: PostRoom) -> None:
    ticket = room.ticket()
    room.mail(ticket, room.sam)
    assert room.told() == [("updated", "rita"), ("updated", "tess"), ("updated", "tom")]


def test_a_subscribed_technician_of_another_category_hears_of_customers(room: PostRoom) -> None:
    room.set("notifications", updates_only_from_technicians=True)
    ticket = room.ticket(subscribers=[room.sam, room.tina])
    room.mail(ticket, room.rita)
    assert room.told() == [("updated", "tess"), ("updated", "tina"), ("updated", "tom")]


# -- strangers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("assigned", [False, True])
def test_a_strangers_words_go_to_technicians_and_after_acceptance_to_the_others(room: PostRoom, assigned: bool) -> None:
    ticket = room.ticket(subscribers=[room.sam, room.ada])
    stranger = room.person("eve@example.org", "Eve")
    if assigned:
        room.act(room.tess, lambda desk: desk.take(ticket))
        room.letters()
    entry = room.mail(ticket, stranger, stranger=True, marks=["non-subscriber"])
    technicians = ["ada", "tess"] if assigned else ["ada", "tess", "tom"]
    assert room.told() == [("updated", name) for name in technicians]
    room.act(room.tess, lambda desk: desk.accept(ticket, entry))
    assert room.told() == [("updated", "rita"), ("updated", "sam")]


def test_words_accepted_before_the_reactor_ran_are_told_once(room: PostRoom) -> None:
    ticket = room.ticket()
    entry = room.mail(ticket, room.person("eve@example.org"), stranger=True, marks=["non-subscriber"])
    room.act(room.tess, lambda desk: desk.accept(ticket, entry))
    assert room.told() == [("updated", "rita"), ("updated", "sam"), ("updated", "tess"), ("updated", "tom")]


def test_an_accepted_stranger_stays_with_technicians_where_customers_words_do(room: PostRoom) -> None:
    room.set("notifications", updates_only_from_technicians=True)
    ticket = room.ticket()
    entry = room.mail(ticket, room.person("eve@example.org"), stranger=True, marks=["non-subscriber"])
    room.letters()
    room.act(room.tess, lambda desk: desk.accept(ticket, entry))
    assert room.told() == []


def test_a_technician_hears_of_words_in_their_name_that_may_be_forged(room: PostRoom) -> None:
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.take(ticket))
    room.letters()
    room.mail(ticket, room.tess, stranger=True, marks=["non-subscriber", "spoofed"])
    assert room.told() == [("updated", "tess")]


def test_a_disabled_assignee_is_nobody(room: PostRoom) -> None:
    ticket = room.ticket()
    room.act(room.tom, lambda desk: desk.take(ticket))
    room.letters()
    room.change(room.tom, disabled=1)
    room.mail(ticket, room.rita)
    assert room.told() == [("updated", "sam"), ("updated", "tess")]


# -- internal notes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"all_technicians_on_customer_update": True, "all_technicians_on_take": True, "admins_new_tickets": True},
        {"updates_only_from_technicians": True},
        {"one_mail_with_cc": True},
    ],
)
def test_a_note_goes_to_the_assignee_and_subscribed_staff_whatever_the_settings(
    room: PostRoom, settings: dict[str, Any]
) -> None:
    ticket = room.ticket(subscribers=[room.sam, room.tina, room.ada])
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    room.letters()
    room.set("notifications", **settings)
    room.act(room.tess, lambda desk: desk.note(ticket, "He is rude."))
    assert room.told() == [("updated", "ada"), ("updated", "tina"), ("updated", "tom")]


def test_a_note_for_an_assignee_who_is_no_technician_any_more_goes_nowhere(room: PostRoom) -> None:
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    room.letters()
    room.change(room.tom, role="user")
    room.store.write(lambda tx: people.set_categories(tx, room.tom.id, []))
    room.act(room.tess, lambda desk: desk.note(ticket, "He is rude."))
    assert room.told() == []


# -- assigned, taken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"), [({}, ["tom"]), ({"all_technicians_on_take": True}, ["tom"]), ({"enabled": False}, [])]
)
def test_assigned(room: PostRoom, settings: dict[str, Any], expected: list[str]) -> None:
    ticket = room.ticket()
    room.set("notifications", **settings)
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    assert room.told() == [("updated", name) for name in expected]


def test_assigned_to_nobody(room: PostRoom) -> None:
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.take(ticket))
    room.letters()
    room.act(room.tom, lambda desk: desk.assign(ticket, None))
    assert room.told() == []


@pytest.mark.parametrize(("on", "expected"), [(False, []), (True, [("updated", "tom")])])
def test_taken(room: PostRoom, on: bool, expected: Told) -> None:
    ticket = room.ticket()
    room.set("notifications", all_technicians_on_take=on)
    room.act(room.tess, lambda desk: desk.take(ticket))
    assert room.told() == expected


# -- closed ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"), [({}, ["rita", "sam"]), ({"ticket_closed": False}, []), ({"enabled": False}, [])]
)
def test_closed_without_words(room: PostRoom, settings: dict[str, Any], expected: list[str]) -> None:
    ticket = room.ticket()
    room.set("notifications", **settings)
    room.act(room.tess, lambda desk: desk.close(ticket))
    assert room.told() == [("closed", name) for name in expected]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [("closed", "rita"), ("closed", "sam"), ("updated", "tom")]),
        ({"ticket_closed": False}, [("updated", "rita"), ("updated", "sam"), ("updated", "tom")]),
        ({"updates_only_from_technicians": True}, [("closed", "rita"), ("closed", "sam"), ("updated", "tom")]),
    ],
)
def test_a_reply_that_closes_makes_one_mail(room: PostRoom, settings: dict[str, Any], expected: Told) -> None:
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.assign(ticket, room.tom))
    room.letters()
    room.set("notifications", **settings)
    room.act(room.tess, lambda desk: desk.reply(ticket, "It is out.", close=True))
    letters = room.letters()
    assert sorted((sent.template, sent.to[0].partition("@")[0]) for sent in letters) == expected
    assert all("It is out." in sent.text() and "It is out." in sent.html() for sent in letters)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [("closed", "sam"), ("updated", "tess"), ("updated", "tom")]),
        ({"updates_only_from_technicians": True}, [("closed", "sam"), ("updated", "tess"), ("updated", "tom")]),
        ({"ticket_closed": False}, [("updated", "sam"), ("updated", "tess"), ("updated", "tom")]),
    ],
)
def test_a_customers_message_that_closes(room: PostRoom, settings: dict[str, Any], expected: Told) -> None:
    ticket = room.ticket()
    room.set("notifications", **settings)
    room.mail(ticket, room.rita, "It went out by itself.", close=True)
    letters = room.letters()
    assert sorted((sent.template, sent.to[0].partition("@")[0]) for sent in letters) == expected
    for sent in letters:
        kept_from = sent.to == ["sam@example.com"] and settings.get("updates_only_from_technicians", False)
        assert ("by itself" in sent.text() + sent.html()) is not kept_from


def test_two_events_for_one_closing_message_make_one_mail(room: PostRoom) -> None:
    ticket = room.ticket()
    entry = room.mail(ticket, room.rita, "It went out by itself.", close=True)
    room.event("MessageAdded", ticket, entry, room.rita, stranger=False, reopened=False)
    assert room.told() == [("closed", "sam"), ("updated", "tess"), ("updated", "tom")]


# -- what makes no mail, by itself -------------------------------------------------------------------------------------


def test_reopening_status_priority_tags_and_merging_are_for_rules(room: PostRoom) -> None:
    ticket, other = room.ticket(), room.ticket()
    room.act(room.tess, lambda desk: desk.close(ticket))
    room.letters()
    room.act(room.tess, lambda desk: desk.reopen(ticket))
    room.act(room.tess, lambda desk: desk.status(ticket, "waiting"))
    room.act(room.tess, lambda desk: desk.priority(ticket, "high"))
    room.act(room.tess, lambda desk: desk.tag(ticket, ["fire"]))
    room.act(room.tess, lambda desk: desk.merge(other, ticket))
    room.event("DeliveryFailed", ticket, recipients=["rita@example.com"])
    assert room.told() == []


# -- people, articles, operations --------------------------------------------------------------------------------------


def new_user(room: PostRoom, made_by: str, **changes: Any) -> None:
    user = room.person("new@example.org", "Nora New", made_by=made_by)
    room.event("UserMade", actor=user, person=user.id, made_by=made_by)
    room.ticket(user, quiet=False, subscribers=[], **changes)


def test_a_user_made_by_their_own_mail_is_welcomed_before_the_confirmation(room: PostRoom) -> None:
    new_user(room, "mail")
    assert [sent.template for sent in room.letters() if sent.to == ["new@example.org"]] == ["welcome", "confirmation"]


def test_welcome_is_said_once(room: PostRoom) -> None:
    new_user(room, "mail")
    room.letters()
    user = room.store.write(lambda tx: people.by_address(tx, "new@example.org"))
    assert user is not None
    room.event("UserMade", actor=user, person=user.id, made_by="mail")
    room.ticket(user, quiet=False, subscribers=[])
    assert ("welcome", "new") not in room.told()


@pytest.mark.parametrize(
    ("made_by", "settings", "changes"),
    [
        ("cc", {}, {}),
        ("cli", {}, {}),
        ("mail", {"enabled": False}, {}),
        ("mail", {}, {"marks": ["automatic"]}),
        ("mail", {}, {"marks": ["spoofed"]}),
        ("mail", {}, {"received_at": 1.0}),
    ],
)
def test_nobody_else_is_welcomed(
    room: PostRoom, made_by: str, settings: dict[str, Any], changes: dict[str, Any]
) -> None:
    room.set("notifications", **settings)
    new_user(room, made_by, **changes)
    assert ("welcome", "new") not in room.told()


@pytest.mark.parametrize("settings", [{}, {"enabled": False}])
def test_a_forgotten_password_always_goes(room: PostRoom, settings: dict[str, Any]) -> None:
    room.set("notifications", **settings)
    room.change(room.rita, mail_on=0)
    room.event("PasswordForgotten", person=room.rita.id)
    assert room.told() == [("password", "rita")]


def test_no_password_for_disabled_users(room: PostRoom) -> None:
    room.change(room.rita, disabled=1)
    room.event("PasswordForgotten", person=room.rita.id)
    assert room.told() == []


@pytest.mark.parametrize(("settings", "expected"), [({}, []), ({"all_technicians_on_article_update": True}, ["tom"])])
def test_article_updated(room: PostRoom, settings: dict[str, Any], expected: list[str]) -> None:
    room.set("notifications", **settings)
    room.event("ArticleUpdated", actor=room.tess, category=room.general.id, title="Fire", article=1)
    assert room.told() == [("article_updated", name) for name in expected]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("AccountDisabled", {"account": "office", "error": "login failed"}),
        ("OutboxStuck", {"letters": 7, "oldest": "2026-11-25T10:00:00Z"}),
        ("LoopHeld", {"evidence": "201 messages from x@example.org"}),
        ("MailHeld", {"address": "x@example.org", "count": 20}),
    ],
)
@pytest.mark.parametrize("settings", [{}, {"enabled": False}])
def test_operations_go_to_administrators(
    room: PostRoom, kind: str, data: dict[str, Any], settings: dict[str, Any]
) -> None:
    room.set("notifications", **settings)
    room.set("general", admin=["Root@example.net", "ada@help.example.net"])
    room.event(kind, **data)
    letters = room.letters()
    assert sorted(sent.to[0] for sent in letters) == ["ada@help.example.net", "root@example.net"]
    assert {sent.template for sent in letters} == {"operations"}
    assert all(str(value) in sent.text() for sent in letters for value in data.values())


@pytest.mark.parametrize(("on", "expected"), [(False, []), (True, [("unregistered", "who")])])
def test_an_unregistered_sender_is_answered_once_where_that_is_wanted(room: PostRoom, on: bool, expected: Told) -> None:
    room.set("intake", answer_unregistered=on)
    room.event("UnregisteredHeld", address="who@example.org", message=1)
    assert room.told() == expected
    room.event("UnregisteredHeld", address="Who@example.org", message=2)
    assert room.told() == []


# -- left out ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["mail off", "disabled", "suppressed", "hosted", "polled", "from", "no address"])
def test_left_out(room: PostRoom, why: str) -> None:
    sam = room.sam
    if why == "mail off":
        room.change(sam, mail_on=0)
    elif why == "disabled":
        room.change(sam, disabled=1)
    elif why == "suppressed":
        room.store.write(lambda tx: suppressions.add(tx, sam.address, "5.1.1"))
    elif why == "hosted":
        sam = room.person("support+x@help.example.com")
    elif why == "polled":
        from mailgate.config.schema import Account

        room.config.account.append(Account(name="office", protocol="imap", username="Sam@example.com"))
    elif why == "from":
        room.set("outgoing", reply_to="sam@example.com")
    else:
        sam = room.person("not an address")
    ticket = room.ticket(subscribers=[sam])
    room.act(room.tess, lambda desk: desk.reply(ticket, "Use water."))
    assert room.told() == [("updated", "rita")]


def test_a_suppression_that_expired_counts_no_more(room: PostRoom) -> None:
    room.store.write(lambda tx: suppressions.add(tx, room.sam.address, "5.1.1", expires_at=1.0))
    ticket = room.ticket()
    room.act(room.tess, lambda desk: desk.reply(ticket, "Use water."))
    assert room.told() == [("updated", "rita"), ("updated", "sam")]


def test_nobody_gets_two_mails_for_one_event(room: PostRoom) -> None:
    """Tess is technician, assignee and subscriber at once; Ada administrator, technician and subscriber."""
    room.set("notifications", all_technicians_on_customer_update=True, admins_new_tickets=True)
    room.store.write(lambda tx: people.set_categories(tx, room.ada.id, [room.general.id]))
    ticket = room.ticket(quiet=False, subscribers=[room.tess, room.ada])
    assert room.told() == [("confirmation", "rita"), ("new_ticket", "ada"), *NEW]
    room.act(room.tom, lambda desk: desk.assign(ticket, room.tess))
    room.letters()
    room.mail(ticket, room.rita)
    assert room.told() == [("updated", "ada"), ("updated", "tess"), ("updated", "tom")]


def test_roles_decide_nothing_else(room: PostRoom) -> None:
    manager = room.person("max@example.com", "Max Manager", Role.MANAGER)
    ticket = room.ticket(subscribers=[manager])
    room.mail(ticket, room.rita)
    assert ("updated", "max") in room.told()
