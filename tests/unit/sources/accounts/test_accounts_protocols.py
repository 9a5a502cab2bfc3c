"""IMAP and POP3 on tiny servers: tokens, names that are not unique or come again, numbers with gaps, plain refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

import pytest

from mailgate.sources.accounts import imap
from mailgate.sources.accounts.fetcher import AccountError
from mailgate.sources.accounts.reconcile import reconcile
from tests.support.account_polls import Polls, letter
from tests.support.hostile_mail_servers import HostileImap, HostilePop3

S = TypeVar("S", HostileImap, HostilePop3)
Make = Callable[[type[S], list[bytes]], S]


@pytest.fixture
def serve() -> Iterator[Callable[..., HostileImap | HostilePop3]]:
    servers: list[HostileImap | HostilePop3] = []

    def make(kind: type[S], messages: list[bytes]) -> S:
        server = kind(messages)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.close()


@pytest.mark.parametrize(("kind", "protocol"), [(HostileImap, "imap"), (HostilePop3, "pop3")])
def test_a_token_logs_in_and_a_refused_one_is_a_refused_login(serve: Make[S], kind: type[S], protocol: str) -> None:
    server = serve(kind, [letter(1)])
    refused = Polls(protocol, server.port, tokens=("stale",), idle=False)
    state = refused.poll()
    assert refused.renewed == 1
    assert state.failures == 1
    assert "refused the login of user" in (state.last_error or "")
    assert '"status":"401"' in (state.last_error or "")
    assert "account login" in (state.last_error or "")
    good = Polls(protocol, server.port, refused.store, tokens=("good-token",), idle=False)
    assert good.poll().fetched_total == 1
    good.close()
    refused.close()


def test_a_token_that_cannot_be_had_counts(serve: Make[HostileImap]) -> None:
    server = serve(HostileImap, [letter(1)])
    polls = Polls("imap", server.port, tokens=("x",), idle=False)

    def no_token() -> str:
        raise RuntimeError("the sign-in has expired")

    from pathlib import Path

    from mailgate.sources.accounts.build import fetcher_for

    fetcher = fetcher_for(polls.account, polls.store.blobs, Path, lambda: "", no_token)
    with pytest.raises(AccountError, match="access token of account post cannot be had: the sign-in has expired"):
        fetcher.open()
    polls.close()


@pytest.mark.parametrize(("kind", "protocol"), [(HostileImap, "imap"), (HostilePop3, "pop3")])
def test_starttls_that_is_missing_is_an_error_and_no_password_is_sent(
    serve: Make[S], kind: type[S], protocol: str
) -> None:
    server = serve(kind, [letter(1)])
    polls = Polls(protocol, server.port, tls="starttls", idle=False)
    assert 'tls = "tls"' in (polls.poll().last_error or "")
    assert server.logins == 0
    polls.close()


def test_login_that_is_disabled_in_clear(serve: Make[HostileImap]) -> None:
    server = serve(HostileImap, [])
    server.capabilities = b"IMAP4rev1 STARTTLS LOGINDISABLED"
    polls = Polls("imap", server.port, idle=False)
    assert "allows no login without encryption" in (polls.poll().last_error or "")
    assert server.logins == 0
    polls.close()


def test_uids_with_gaps_of_billions(serve: Make[HostileImap]) -> None:
    server = serve(HostileImap, [])
    uids = [1, 2, 5_000_000, 5_000_001, 3_000_000_000, 4_294_967_294]
    server.messages = {uid: letter(n) for n, uid in enumerate(uids)}
    polls = Polls("imap", server.port, idle=False)
    assert polls.poll().fetched_total == len(uids)
    assert polls.accepted() == [letter(n) for n in range(len(uids))]
    polls.close()


def test_a_server_without_uidnext(serve: Make[HostileImap]) -> None:
    server = serve(HostileImap, [letter(n) for n in range(3)])
    server.uid_next = 0
    polls = Polls("imap", server.port, idle=False, after_fetch="keep")
    assert polls.poll().fetched_total == 3
    server.messages[9] = letter(9)
    assert polls.poll().fetched_total == 4
    polls.close()


def test_a_crowded_folder_is_listed_in_bounded_pieces(
    serve: Make[HostileImap], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "_WINDOW", 10)
    server = serve(HostileImap, [])
    server.messages = {1: letter(0), **{10_000 + n: letter(n) for n in range(1, 200)}}  # found by one wide window
    polls = Polls("imap", server.port, idle=False)
    fetcher = polls.make()
    fetcher.open()
    batches = list(fetcher.pending({}))
    assert [item.ref for batch in batches for item in batch] == sorted(server.messages)
    assert max(len(batch) for batch in batches) <= 40
    fetcher.close()
    polls.close()


def test_received_at_is_the_servers_date(serve: Make[HostileImap]) -> None:
    server = serve(HostileImap, [letter(1)])
    polls = Polls("imap", server.port, idle=False)
    polls.poll()
    assert polls.received_at() == [1606294800.0]
    polls.close()


def test_keep_fetches_only_what_is_new_and_tries_again_what_was_left(serve: Make[HostileImap]) -> None:
    server = serve(HostileImap, [letter(n) for n in range(1, 6)])
    server.withheld = {2}
    polls = Polls("imap", server.port, idle=False, after_fetch="keep", poll_interval=timedelta(0))
    polls.poll()
    assert polls.state().cursor == {"imap": {"folder": "INBOX", "uidvalidity": 7, "uid": 5, "retry": [2]}}
    server.withheld = set()
    server.messages[6] = letter(6)
    assert polls.poll().fetched_total == 6
    assert polls.state().cursor == {"imap": {"folder": "INBOX", "uidvalidity": 7, "uid": 6, "retry": []}}
    assert sorted(polls.accepted()) == [letter(n) for n in range(1, 7)]
    server.validity = 8
    assert polls.poll().fetched_total == 12  # other UIDs, other identities: intake finds the duplicates
    polls.close()


def test_what_is_gone_from_the_server_is_forgotten_here(serve: Make[HostileImap]) -> None:
    server = serve(HostileImap, [letter(n) for n in range(1, 4)])
    polls = Polls("imap", server.port, idle=False)
    polls.poll()
    server.messages[9] = letter(9)
    polls.poll()
    polls.poll()
    with polls.store.read() as db:
        remembered = [row["key"] for row in db.all("SELECT key FROM seen")]
    assert [int.from_bytes(key[8:], "big") for key in remembered] == [9]
    assert polls.accepted() == [letter(1), letter(2), letter(3), letter(9)]
    polls.close()


def test_pop3_without_uidl_and_without_pipelining(serve: Make[HostilePop3]) -> None:
    server = serve(HostilePop3, [letter(n) for n in range(1, 6)])
    server.uidl = server.pipelining = False
    polls = Polls("pop3", server.port, after_fetch="keep")
    assert polls.poll().fetched_total == 5
    server.messages = {n + 10: raw for n, raw in server.messages.items()}  # renumbered
    server.messages[1] = letter(7)
    assert polls.poll().fetched_total == 6
    assert polls.accepted()[5] == letter(7)
    polls.close()


def test_pop3_messages_that_share_a_uidl_are_told_apart(serve: Make[HostilePop3]) -> None:
    server = serve(HostilePop3, [letter(n) for n in range(1, 5)])
    server.names = {1: b"same", 2: b"same", 3: b"same"}
    polls = Polls("pop3", server.port)
    assert polls.poll().fetched_total == 4
    assert polls.accepted() == [letter(n) for n in range(1, 5)]
    assert server.messages == {}
    polls.close()


def test_pop3_uidls_that_come_again_for_other_messages(serve: Make[HostilePop3]) -> None:
    server = serve(HostilePop3, [letter(1), letter(2)])
    server.names = {1: b"1", 2: b"2"}
    polls = Polls("pop3", server.port)
    polls.poll()
    server.messages = {1: letter(3), 2: letter(4)}
    polls.poll()
    assert polls.accepted() == [letter(n) for n in range(1, 5)]
    polls.close()


def test_pop3_connection_lost_before_quit(serve: Make[HostilePop3]) -> None:
    server = serve(HostilePop3, [letter(1), letter(2)])
    server.fault = ("quit", "close")
    polls = Polls("pop3", server.port)
    assert polls.poll().failures == 1
    assert len(server.messages) == 2
    server.fault = None
    server.messages = {5: server.messages[2], 6: letter(6), 9: server.messages[1]}  # and it renumbers
    server.names = {5: b"uid-2", 9: b"uid-1"}
    assert polls.poll().fetched_total == 3
    assert polls.accepted() == [letter(1), letter(2), letter(6)]
    assert server.messages == {}
    polls.close()


def test_pop3_sasl_plain_keeps_any_letter_of_a_password(serve: Make[HostilePop3]) -> None:
    server = serve(HostilePop3, [letter(1)])
    server.sasl = b"SASL PLAIN XOAUTH2\r\n"
    server.token = "\0user\0pärola İ".encode()
    polls = Polls("pop3", server.port, secret="pärola İ")
    assert polls.poll().fetched_total == 1
    polls.close()


@pytest.mark.parametrize("field", ["username", "secret"])
def test_line_ends_never_reach_the_server(serve: Make[HostilePop3], field: str) -> None:
    server = serve(HostilePop3, [])
    polls = Polls("pop3", server.port, **{field: "x\r\nDELE 1"})
    assert "must not hold line ends" in (polls.poll().last_error or "")
    assert server.logins == 0
    polls.close()


def test_reconcile_names_what_is_only_there_what_is_still_there_and_what_is_nowhere(serve: Make[HostileImap]) -> None:
    server = serve(HostileImap, [letter(n) for n in range(1, 7)])
    server.withheld = {2}
    polls = Polls("imap", server.port, idle=False)
    server.fault = ("settle", "close")
    polls.poll()
    server.fault = None
    del server.messages[3], server.messages[4]
    server.messages[9] = letter(9)
    with polls.store.read() as db:
        known = db.value("SELECT COUNT(*) FROM seen")
    found = reconcile(polls.make(), polls.store, polls.account)
    assert (found.on_server, found.accepted, known) == (5, 3, 5)
    assert [gap.split(":")[0].split(" (")[0] for gap in found.gaps] == ["UID 1", "UID 2", "UID 5", "UID 6", "UID 9"]
    assert "did not deliver it" in found.gaps[1]
    assert "still on the server: the next poll has it deleted" in found.gaps[0]
    assert "the next poll fetches it" in found.gaps[4]
    assert [note.split(" is ")[0] for note in found.notes] == ["UID 7 to 8"]
    polls.close()
