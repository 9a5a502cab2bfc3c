"""EWS accounts: exchangelib, unchanged, against a server that speaks as much of EWS as it asks for, and misbehaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailgate.config.load import parse_config
from mailgate.config.schema import OAuth
from mailgate.errors import ConfigError
from mailgate.sources.accounts import ews_service
from mailgate.sources.accounts.fetcher import AccountError
from mailgate.sources.accounts.reconcile import reconcile
from tests.support.account_polls import Polls, letter, many
from tests.support.fake_ews import PASSWORD, USER, FakeEws, busy, fault, soap
from tests.support.fake_https import Reply

_LETTERS = [letter(number) for number in range(1, 31)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEws]:
    monkeypatch.setattr(ews_service, "FIRST_PAUSE", 0.0)
    fake = FakeEws(_LETTERS)
    yield fake
    fake.close()


Make = Callable[..., Polls]


@pytest.fixture
def polls(server: FakeEws) -> Iterator[Make]:
    def one(**settings: Any) -> Polls:
        if "tokens" in settings:
            settings.setdefault("oauth", OAuth(client_id="app"))
        defaults = {"port": server.port, "username": USER, "ca_file": str(server.ca_file), "tls": "tls"}
        return Polls("ews", secret=PASSWORD, **{**defaults, **settings})

    with many(one) as make:
        yield make


def _asked(server: FakeEws, words: str) -> int:
    return sum(words in line for line in server.asked)


def test_all_come_oldest_first_and_are_deleted(server: FakeEws, polls: Make) -> None:
    poll = polls()
    state = poll.poll()
    assert state.last_error is None
    assert state.fetched_total == 30
    assert poll.accepted() == _LETTERS
    assert server.messages == {}
    assert poll.poll().fetched_total == 30


def test_few_round_trips(server: FakeEws, polls: Make) -> None:
    polls().poll()
    assert [line.rpartition(" ")[2] for line in server.asked] == ["FindItem", "GetItem", "GetItem", "DeleteItem"]
    assert len({request.connection for request in server.requests}) == 1


@pytest.mark.parametrize(
    ("after_fetch", "there", "read"),
    [("mark_read", "inbox", True), ("move:Arşiv/2026", "made-4", False), ("keep", "inbox", False)],
)
def test_what_happens_after_the_fetch(server: FakeEws, polls: Make, after_fetch: str, there: str, read: bool) -> None:
    poll = polls(after_fetch=after_fetch)
    assert poll.poll().last_error is None
    assert {message.folder for message in server.messages.values()} == {there}
    assert {message.read for message in server.messages.values()} == {read}
    fetched = _asked(server, "GetItem")
    assert poll.poll().fetched_total == 30
    assert _asked(server, "GetItem") == fetched


def test_pages_and_a_crowd_within_one_second(server: FakeEws, polls: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.sources.accounts.ews.PAGE", 4)
    for number in range(100, 117):
        server.add(letter(number), 1_795_000_060.2)
    for after_fetch in ("keep", "delete"):
        poll = polls(after_fetch=after_fetch)
        state = poll.poll()
        assert (state.last_error, state.fetched_total) == (None, 47)
        assert len(set(poll.accepted())) == 47
    assert server.messages == {}


def test_large_messages_come_alone_and_too_large_ones_stay(server: FakeEws, polls: Make) -> None:
    server.messages.clear()
    large = [letter(1, 3_000_000), letter(2, 300_000), letter(3, 3_000_000)]
    for number, raw in enumerate(large):
        server.add(raw, 1_795_000_000 + number)
    kept = server.add(letter(4, 6_000_000), 1_795_000_009)
    poll = polls(max_size=5_000_000)
    state = poll.poll()
    assert state.fetched_total == 3
    assert poll.accepted() == large
    assert set(server.messages) == {kept}
    assert "more than max_size" in (state.last_error or "")
    assert _asked(server, "GetItem") == 2


def test_a_folder_by_its_path(server: FakeEws, polls: Make) -> None:
    server.add(letter(77), 1_795_000_000, "AAMkbüro+/=")
    assert polls(folder="INBOX/büro").poll().fetched_total == 1
    told = polls(folder="Inbox/Nirgends").poll().last_error or ""
    assert 'no folder "Nirgends" in the mailbox; there are: Büro' in told


def test_ntlm_shakes_hands_once_for_a_connection(
    server: FakeEws, polls: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    users = tmp_path / "users"
    users.write_text("CORP:desk:secret\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    server.logins = {"ntlm"}
    poll = polls(username="CORP\\desk", mailbox=USER, auth="ntlm")
    poll.secret = "secret"
    state = poll.poll()
    assert (state.last_error, state.fetched_total) == (None, 30)
    assert len(server.asked) == 4 + 2
    poll.secret = "wrong"
    poll.fetchers[-1].close()
    told = poll.poll().last_error or ""
    assert "refused the login of CORP\\desk" in told
    assert 'auth = "basic"' in told
    assert "wrong" not in told


def test_the_handshake_is_bound_to_the_certificate(
    server: FakeEws, polls: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    users = tmp_path / "users"
    users.write_text("CORP:desk:secret\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    monkeypatch.setattr("mailgate.sources.accounts.ews_ntlm.end_point", lambda _: bytes(32))
    server.logins = {"ntlm"}
    poll = polls(username="CORP\\desk", mailbox=USER, auth="ntlm")
    poll.secret = "secret"
    assert "refused the login" in (poll.poll().last_error or "")


def test_a_password_in_any_script(server: FakeEws, polls: Make) -> None:
    server.password, server.encoding = "şifre", "utf-8"
    poll = polls()
    poll.secret = "şifre"
    assert poll.poll().fetched_total == 30


def test_a_wrong_password_counts_and_five_disable(server: FakeEws, polls: Make) -> None:
    poll = polls()
    poll.secret = "guess"
    states = [poll.poll() for _ in range(5)]
    assert [state.enabled for state in states] == [True] * 4 + [False]
    assert "refused the login of desk@corp.example" in (states[0].last_error or "")
    assert "guess" not in (states[0].last_error or "")
    assert len(server.asked) == 5
    assert len(poll.told) == 1


def test_a_token_that_has_expired_is_renewed_once(server: FakeEws, polls: Make) -> None:
    poll = polls(tokens=("old-token", "good-token"))
    state = poll.poll()
    assert (state.last_error, state.fetched_total) == (None, 30)
    state = polls(tokens=("bad-token",)).poll()
    assert "refused the token of desk@corp.example. Run: mailgate account login post" in (state.last_error or "")


def test_an_application_acts_for_the_mailbox(server: FakeEws, polls: Make) -> None:
    poll = polls(tokens=("good-token",), oauth=OAuth(flow="client_credentials"), mailbox="shared@corp.example")
    assert poll.poll().fetched_total == 30
    assert set(server.impersonated) == {"shared@corp.example"}
    assert polls().poll().failures == 0
    assert set(server.impersonated) == {"shared@corp.example"}


def test_no_password_stays_in_the_cache_of_the_process(server: FakeEws, polls: Make) -> None:
    from exchangelib.protocol import CachingProtocol, Protocol

    polls().poll()
    assert CachingProtocol._protocol_cache == {}
    assert Protocol.TIMEOUT == 120


def test_a_busy_server_is_waited_for(server: FakeEws, polls: Make) -> None:
    for step in ("FindItem", "GetItem", "DeleteItem"):
        server.fail(step, busy(1), times=2)
    state = polls().poll()
    assert (state.last_error, state.fetched_total) == (None, 30)


def test_nothing_is_asked_before_the_time_that_the_server_named(server: FakeEws, polls: Make) -> None:
    server.fail("FindItem", busy(3_600_000))
    poll = polls()
    assert "busy and throttles" in (poll.poll().last_error or "")
    asked = len(server.asked)
    state = poll.poll()
    assert "asked not to be asked for another" in (state.last_error or "")
    assert (state.failures, len(server.asked)) == (2, asked)


@pytest.mark.parametrize(
    "reply",
    [Reply(503, b"down"), Reply(500, b"oops"), Reply(502, b"<html>"), fault("ErrorInternalServerTransientError")],
)
def test_a_server_error_is_tried_again(server: FakeEws, polls: Make, reply: Reply) -> None:
    for step in ("FindItem", "GetItem", "DeleteItem"):
        server.fail(step, reply, times=2)
    state = polls().poll()
    assert (state.last_error, state.fetched_total) == (None, 30)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (fault("ErrorNonExistentMailbox"), "no such mailbox; check mailbox"),
        (fault("ErrorAccessDenied"), "no access to this mailbox"),
        (fault("ErrorImpersonateUserDenied"), "ApplicationImpersonation"),
        (Reply(302, b"", {"Location": "https://owa.corp.example/auth"}), "sends on to owa.corp.example"),
        (Reply(404, b""), r"no EWS at /EWS/Exchange.asmx"),
        (Reply(403, b"secret body"), r"answered 403 while listing messages"),
        (Reply(200, b"<html>welcome"), "broke the protocol"),
        (soap("<m:Nonsense/>"), "broke the protocol"),
        (fault("ErrorThatNobodyKnows"), "broke the protocol|failed while"),
    ],
)
def test_a_refusal_is_said_in_plain_words(server: FakeEws, polls: Make, reply: Reply, words: str) -> None:
    server.fail("FindItem", reply, times=10)
    poll = polls()
    state = poll.poll()
    assert state.failures == 1
    assert re.search(words, state.last_error or ""), state.last_error
    assert "secret body" not in (state.last_error or "")
    assert len(server.messages) == 30


@pytest.mark.parametrize("step", ["FindFolder", "FindItem", "GetItem", "DeleteItem"])
@pytest.mark.parametrize("kind", ["cut", "cut_in_body", "hang", "drip", "garbage", "huge"])
def test_a_server_that_misbehaves(server: FakeEws, polls: Make, step: str, kind: str) -> None:
    folder = "AAMkbüro+/=" if step == "FindFolder" else "inbox"
    poll = polls(
        timeout=timedelta(seconds=0.4),
        max_size=1_000_000,
        poll_interval=timedelta(0),
        folder="Inbox/Büro" if step == "FindFolder" else "INBOX",
    )
    server.messages = dict(list(server.messages.items())[:3])
    for message in server.messages.values():
        message.folder = folder
    server.fail(step, kind, times=1000)
    states = [poll.poll() for _ in range(3)]
    assert [state.failures for state in states] == [1, 2, 3] or step == "GetItem"
    told = "".join(state.last_error or "" for state in states)
    assert told
    assert PASSWORD not in told
    assert len(server.messages) == 3
    server.heal()
    for _ in range(3):
        state = poll.poll()
    assert state.failures == 0
    assert sorted(poll.accepted()) == sorted(_LETTERS[:3])
    assert server.messages == {}


def test_those_that_cannot_be_delivered_are_in_nobodys_way(server: FakeEws, polls: Make) -> None:
    ids = list(server.messages)
    codes = ["ErrorItemNotFound", "ErrorMimeContentConversionFailed", "ErrorInternalServerError", "ErrorCorruptData"]
    server.damaged = dict(zip(ids[::7], codes, strict=False))
    poll = polls(poll_interval=timedelta(0))
    states = [poll.poll() for _ in range(4)]
    assert max(state.failures for state in states) == 0
    assert states[-1].fetched_total == 26
    assert set(server.messages) == set(server.damaged)
    assert "and 3 more" in (states[-1].last_error or "")
    server.damaged = {}
    for _ in range(4):
        state = poll.poll()
    assert (state.last_error, server.messages) == (None, {})
    assert sorted(poll.accepted()) == sorted(_LETTERS)


def test_what_is_here_already_is_only_settled(server: FakeEws, polls: Make) -> None:
    server.fail("DeleteItem", fault("ErrorAccessDenied"), times=1000)
    poll = polls()
    assert poll.poll().failures == 1
    assert len(poll.accepted()) == 30
    fetched = _asked(server, "GetItem")
    server.heal()
    assert poll.poll().failures == 0
    assert (server.messages, _asked(server, "GetItem")) == ({}, fetched)
    assert poll.accepted() == _LETTERS


def test_answers_that_do_not_fit_the_request_delete_nothing(server: FakeEws, polls: Make) -> None:
    other = (
        '<m:GetItemResponse><m:ResponseMessages><m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError'
        '</m:ResponseCode><m:Items><t:Message><t:MimeContent>U3ViamVjdDogeA0KDQp4</t:MimeContent><t:ItemId Id="another" '
        'ChangeKey="x"/></t:Message></m:Items></m:GetItemResponseMessage></m:ResponseMessages></m:GetItemResponse>'
    )
    server.messages = dict(list(server.messages.items())[:1])
    poll = polls()
    server.fail("GetItem", soap(other))
    assert "another message than it was asked for" in (poll.poll().last_error or "")
    server.fail("GetItem", soap("<m:GetItemResponse><m:ResponseMessages/></m:GetItemResponse>"))
    assert "another number of messages" in (poll.poll().last_error or "")
    assert (len(server.messages), poll.accepted()) == (1, [])
    server.wrong_order = True
    server.add(letter(2), 1_795_100_000)
    assert "does not sort" in (poll.poll().last_error or "")


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x y="&b;"/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="IBM037"?>' + '<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'.encode("cp037"),
        b"<a>" * 200_000,
        b"",
    ],
    ids=["entities", "utf-16", "ebcdic", "deep", "empty"],
)
def test_hostile_xml(server: FakeEws, polls: Make, body: bytes) -> None:
    server.fail("FindItem", Reply(200, body, {"Content-Type": "text/xml"}), times=4)
    state = polls().poll()
    assert state.failures == 1
    assert "broke the protocol" in (state.last_error or "")


def test_reconcile_names_each_gap(server: FakeEws, polls: Make) -> None:
    poll = polls(after_fetch="keep")
    poll.poll()
    server.add(letter(60), 1_795_900_000)
    found = reconcile(poll.make(), poll.store, poll.account)
    assert (found.on_server, found.accepted, len(found.gaps)) == (31, 30, 1)
    assert "is only on the server: the next poll fetches it" in found.gaps[0]


def test_the_test_looks_and_changes_nothing(server: FakeEws, polls: Make) -> None:
    said = polls(after_fetch="move:Arşiv").make().test()
    assert "the login with basic was accepted" in said[0]
    assert "holds 30 messages, 30 of them unread." in said[1]
    assert "Posteingang" in said[2]
    assert 'The folder "Arşiv" does not exist yet' in said[3]
    assert {line.rpartition(" ")[2] for line in server.asked} == {"GetFolder", "FindFolder"}
    with pytest.raises(AccountError, match="is not trusted"):
        polls(ca_file=None).make().test()
    with pytest.raises(AccountError, match="Nothing listens on"):
        polls(port=1).make().test()


@pytest.mark.parametrize("host", ["outlook.office365.com", "https://outlook.office.com/EWS/Exchange.asmx"])
def test_exchange_online_is_named_in_the_configuration_and_at_the_poll(polls: Make, host: str) -> None:
    told = polls(host=host, port=None).poll().last_error or ""
    assert "no longer serves EWS" in told
    assert 'protocol = "graph"' in told
    text = f'[[account]]\nname = "x"\nprotocol = "ews"\nhost = "{host}"\nusername = "a@b.example"\npassword = "x"\n'
    with pytest.raises(ConfigError, match="switched EWS off"):
        parse_config(text)


def test_a_login_name_that_is_no_address_needs_a_mailbox() -> None:
    text = '[[account]]\nname = "x"\nprotocol = "ews"\nhost = "mail.corp.example"\npassword = "x"\nusername = "CORP\\\\desk"\n'
    with pytest.raises(ConfigError, match="mailbox: the login name is no address"):
        parse_config(text)
    assert parse_config(text + 'mailbox = "desk@corp.example"\n').account[0].mailbox == "desk@corp.example"
