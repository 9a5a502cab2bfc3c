"""Servers that misbehave at each step, in each way: one count, a clear error, nothing lost, nothing twice."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support.account_polls import Polls, letter
from tests.support.hostile_mail_servers import IMAP_STEPS, KINDS, POP3_STEPS, HostileImap, HostilePop3

_LETTERS = [letter(number) for number in range(1, 6)]
_SHORT = timedelta(seconds=0.3)


@pytest.fixture
def imap() -> Iterator[HostileImap]:
    server = HostileImap(_LETTERS)
    yield server
    server.close()


@pytest.fixture
def pop3() -> Iterator[HostilePop3]:
    server = HostilePop3(_LETTERS)
    yield server
    server.close()


def _cases(steps: tuple[str, ...]) -> list[tuple[str, str]]:
    told = []
    for step in steps:
        for kind in KINDS:
            if kind == "mid_literal" and step != "fetch":
                continue
            if kind == "refuse" and step in ("greeting", "capability", "fetch", "settle", "quit"):
                continue  # not possible there, or trouble with one message, which has tests of its own
            told.append((step, kind))
    return told


def _one_failure_then_all(polls: Polls, server: HostileImap | HostilePop3, step: str, kind: str) -> None:
    server.fault = (step, kind)
    state = polls.poll()
    assert state.failures == 1, state
    assert state.enabled
    assert state.last_error
    assert "localhost" in state.last_error
    assert "secret" not in state.last_error
    if step != "quit":  # there the server may have deleted before it answered
        assert len(server.messages) == len(_LETTERS) or step == "settle"
    server.fault = None
    state = polls.poll()
    assert state.failures == 0
    assert sorted(polls.accepted()) == sorted(_LETTERS)
    assert server.messages == {}


@pytest.mark.parametrize(("step", "kind"), _cases(IMAP_STEPS))
def test_imap_server_misbehaves(imap: HostileImap, step: str, kind: str) -> None:
    polls = Polls("imap", imap.port, timeout=_SHORT, idle=False)
    _one_failure_then_all(polls, imap, step, kind)
    polls.close()


@pytest.mark.parametrize(("step", "kind"), _cases(POP3_STEPS))
def test_pop3_server_misbehaves(pop3: HostilePop3, step: str, kind: str) -> None:
    polls = Polls("pop3", pop3.port, timeout=_SHORT)
    _one_failure_then_all(polls, pop3, step, kind)
    polls.close()


@pytest.mark.parametrize("kind", ["endless_line", "endless_answer", "huge_literal"])
def test_memory_stays_bounded(imap: HostileImap, kind: str) -> None:
    polls = Polls("imap", imap.port, idle=False, timeout=timedelta(seconds=2))
    imap.fault = ("fetch" if kind == "huge_literal" else "list", kind)
    tracemalloc.start()
    try:
        assert polls.poll().failures == 1
        assert tracemalloc.get_traced_memory()[1] < 48 * 1024 * 1024
    finally:
        tracemalloc.stop()
    polls.close()


def test_a_hanging_server_does_not_delay_another_account(imap: HostileImap, pop3: HostilePop3) -> None:
    imap.fault = ("login", "hang")
    hanging = Polls("imap", imap.port, timeout=timedelta(minutes=5))
    thread = threading.Thread(target=hanging.poller.run)
    thread.start()
    other = Polls("pop3", pop3.port)
    assert other.poll().fetched_total == len(_LETTERS)
    assert thread.is_alive()
    hanging.poller.stop()
    hanging.poller.abort()
    thread.join(10)
    assert not thread.is_alive()
    assert hanging.state().failures == 0  # we cut it ourselves
    hanging.close()
    other.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_messages_that_kill_the_session_come_last_and_alone(
    protocol: str, imap: HostileImap, pop3: HostilePop3
) -> None:
    server = imap if protocol == "imap" else pop3
    server.poison = {1, 2, 4}
    polls = Polls(protocol, server.port, idle=False, poll_interval=timedelta(0))
    states = [polls.poll() for _ in range(6)]
    assert sorted(polls.accepted()) == sorted([_LETTERS[2], _LETTERS[4]])
    assert set(server.messages) == {1, 2, 4}
    assert max(state.failures for state in states) <= 1
    assert states[-1].failures == 0
    assert states[-1].last_error is not None
    assert states[-1].last_error.startswith("message U")
    assert "and 2 more" in states[-1].last_error
    server.poison = set()
    polls.poll()
    state = polls.poll()
    assert sorted(polls.accepted()) == sorted(_LETTERS)
    assert state.last_error is None
    assert not state.troubles
    polls.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_message_the_server_refuses_blocks_nothing_and_is_reported(
    protocol: str, imap: HostileImap, pop3: HostilePop3
) -> None:
    server = imap if protocol == "imap" else pop3
    server.withheld = {2}
    polls = Polls(protocol, server.port, idle=False, poll_interval=timedelta(0))
    first = polls.poll()
    assert (first.failures, first.fetched_total, first.last_error) == (0, 4, None)
    polls.poll()
    third = polls.poll()
    assert third.failures == 0
    assert third.last_error is not None
    assert "did not deliver it" in third.last_error
    assert set(server.messages) == {2}
    server.messages.clear()  # somebody removed it: nothing to tell any more
    assert polls.poll().last_error is None
    polls.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_too_large_message_stays_and_is_reported_at_once(protocol: str, imap: HostileImap, pop3: HostilePop3) -> None:
    server = imap if protocol == "imap" else pop3
    server.messages[3] = letter(3, 5000)
    polls = Polls(protocol, server.port, idle=False, max_size=2000)
    state = polls.poll()
    assert (state.failures, state.fetched_total) == (0, 4)
    assert state.last_error is not None
    assert "max_size" in state.last_error
    assert set(server.messages) == {3}
    larger = Polls(protocol, server.port, polls.store, idle=False, max_size=20000)
    assert larger.poll().last_error is None
    assert server.messages == {}
    larger.close()
    polls.close()


def test_a_literal_above_max_size_is_refused_unread(imap: HostileImap) -> None:
    polls = Polls("imap", imap.port, idle=False, max_size=2000)
    imap.fault = ("fetch", "huge_literal")
    error = polls.poll().last_error
    assert error is not None
    assert "4294967296 bytes" in error
    polls.close()


def test_a_wrong_certificate_counts_and_no_password_is_sent() -> None:
    import ssl

    import trustme

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    server = HostileImap(_LETTERS, context)
    polls = Polls("imap", server.port, tls="tls")
    state = polls.poll()
    assert state.failures == 1
    assert "is not trusted" in (state.last_error or "")
    assert "ca_file" in (state.last_error or "")
    assert server.logins == 0
    server.close()
    polls.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_server_that_never_finishes_the_tls_handshake(protocol: str, imap: HostileImap, pop3: HostilePop3) -> None:
    server = imap if protocol == "imap" else pop3
    server.fault = ("greeting", "hang")
    polls = Polls(protocol, server.port, tls="tls", timeout=_SHORT)
    assert "did not answer within 0.3 s while connecting" in (polls.poll().last_error or "")
    polls.close()
