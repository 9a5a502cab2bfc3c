"""Real Dovecot: thousands of messages, TLS, folders with any name, what happens after the fetch, huge and broken mail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mailgate.sources.accounts.fetcher import AccountError
from mailgate.sources.accounts.reconcile import reconcile
from tests.support.account_polls import Polls, letter
from tests.support.dovecot import Dovecot, available, running

pytestmark = [pytest.mark.real, pytest.mark.skipif(not available(), reason="needs Dovecot and root")]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running() as server:
        yield server


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    return "".join(c for c in request.node.name if c.isalnum())[:40].lower()


def _polls(server: Dovecot, user: str, protocol: str = "imap", tls: str = "none", **settings: Any) -> Polls:
    port = {("imap", True): server.imaps, ("imap", False): server.imap, ("pop3", True): server.pop3s}.get(
        (protocol, tls == "tls"), server.pop3
    )
    if tls != "none":
        settings.setdefault("ca_file", str(server.ca_file))
    settings.setdefault("idle", False)
    return Polls(protocol, port, username=user, tls=tls, timeout=timedelta(seconds=60), **settings)


@pytest.mark.parametrize(("protocol", "tls"), [("imap", "tls"), ("pop3", "tls")])
def test_five_thousand_messages(dovecot: Dovecot, user: str, protocol: str, tls: str) -> None:
    letters = [letter(number, 400) for number in range(5000)]
    dovecot.deliver(user, letters)
    polls = _polls(dovecot, user, protocol, tls)
    state = polls.poll()
    assert (state.failures, state.fetched_total, state.last_error) == (0, 5000, None)
    assert polls.accepted() == letters  # oldest first, byte for byte
    assert dovecot.files(user) == []
    assert polls.poll().fetched_total == 5000
    polls.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
@pytest.mark.parametrize("tls", ["tls", "starttls", "none"])
def test_each_kind_of_tls(dovecot: Dovecot, user: str, protocol: str, tls: str) -> None:
    dovecot.deliver(user, [letter(1)])
    polls = _polls(dovecot, user, protocol, tls)
    assert polls.poll().fetched_total == 1
    polls.close()


def _error(polls: Polls) -> str:
    with pytest.raises(AccountError) as raised:
        polls.make().test()
    polls.close()
    return str(raised.value)


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_account_test_says_what_is_wrong(dovecot: Dovecot, user: str, protocol: str) -> None:
    ports = {"imap": (dovecot.imap, dovecot.imaps), "pop3": (dovecot.pop3, dovecot.pop3s)}[protocol]
    assert "Check username and the password" in _error(_polls(dovecot, user, protocol, secret="wrong"))
    untrusted = Polls(protocol, ports[1], username=user, tls="tls")
    assert "ca_file" in _error(untrusted)
    ca = str(dovecot.ca_file)
    other_name = Polls(protocol, ports[1], host="127.0.0.1", username=user, tls="tls", ca_file=ca)
    assert "is for another name than 127.0.0.1" in _error(other_name)
    assert 'use tls = "starttls"' in _error(Polls(protocol, ports[0], username=user, tls="tls", ca_file=ca))
    silent = Polls(protocol, ports[1], username=user, tls="none", timeout=timedelta(seconds=0.5))
    assert 'try tls = "tls"' in _error(silent)
    assert "is unknown to the name server" in _error(Polls(protocol, 1, host="no-such-host.invalid", username=user))
    assert "Nothing listens on localhost:1;" in _error(Polls(protocol, 1, username=user))
    missing_ca = Polls(protocol, ports[1], username=user, tls="tls", ca_file="/nowhere/ca.pem")
    assert "ca_file /nowhere/ca.pem cannot be used" in _error(missing_ca)


def test_account_test_names_the_folders_and_changes_nothing(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, [letter(1)])
    dovecot.maildir(user, ".Archive")
    missing = _error(_polls(dovecot, user, folder="Posta"))
    assert 'The folder "Posta" cannot be opened' in missing
    assert "Archive, INBOX" in missing
    polls = _polls(dovecot, user, after_fetch="move:Done")
    said = polls.make().test()
    assert 'The folder "INBOX" holds 1 messages.' in said
    assert 'The folder "Done" does not exist yet; it is made when it is needed.' in said
    assert len(dovecot.files(user)) == 1
    assert polls.accepted() == []
    polls.close()


_NAMES = ["Gelen Şikâyet ğü", "日本", "Q&A", 'with "quotes" and \\', "a b/İç/ç"]


@pytest.mark.parametrize("number", range(len(_NAMES)))
def test_folder_names(user: str, number: int) -> None:
    from imapclient import IMAPClient

    name = _NAMES[number]
    with running(layout=":LAYOUT=fs", more="namespace inbox {\n  inbox = yes\n  separator = /\n}\n") as server:
        with IMAPClient("localhost", server.imap, ssl=False) as client:
            client.login(user, "secret")
            client.create_folder(name)
            client.append(name, letter(1))
            client.append("INBOX", letter(2))
        polls = _polls(server, user, folder=name)
        assert polls.poll().fetched_total == 1, polls.state()
        into = _polls(server, user, after_fetch=f"move:{name}x")
        assert into.poll().fetched_total == 1, into.state()
        with IMAPClient("localhost", server.imap, ssl=False) as client:
            client.login(user, "secret")
            assert client.select_folder(name + "x")[b"EXISTS"] == 1
            assert client.select_folder(name)[b"EXISTS"] == 0
        polls.close()
        into.close()


def test_folder_names_with_line_ends_are_refused(dovecot: Dovecot, user: str) -> None:
    polls = _polls(dovecot, user, folder="INBOX\r\nX1 LOGOUT")
    assert "must not hold control characters" in (polls.poll().last_error or "")
    polls.close()


def test_mark_read_goes_by_memory_not_by_flags(dovecot: Dovecot, user: str) -> None:
    files = dovecot.deliver(user, [letter(n) for n in range(3)])
    read = files[1].parent.parent / "cur" / (files[1].name + ":2,S")
    files[1].rename(read)  # somebody has read it before we saw it
    polls = _polls(dovecot, user, after_fetch="mark_read")
    assert polls.poll().fetched_total == 3
    assert all(file.name.endswith("S") for file in dovecot.files(user))
    for file in dovecot.files(user):
        file.rename(file.with_name(file.name.removesuffix("S")))  # and somebody marks all as unread
    dovecot.deliver(user, [letter(9)])
    assert polls.poll().fetched_total == 4
    assert polls.accepted()[3] == letter(9)
    polls.close()


def test_keep_changes_nothing(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, [letter(n) for n in range(3)])
    polls = _polls(dovecot, user, after_fetch="keep")
    assert polls.poll().fetched_total == 3
    assert polls.poll().fetched_total == 3
    assert len(dovecot.files(user)) == 3
    assert not any(file.name.endswith("S") for file in dovecot.files(user))
    kept = reconcile(polls.make(), polls.store, polls.account)
    assert (kept.on_server, kept.accepted, kept.gaps) == (3, 3, [])
    polls.close()


def test_pop3_keep_goes_by_uidl(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, [letter(n) for n in range(3)])
    polls = _polls(dovecot, user, "pop3", after_fetch="keep")
    polls.poll()
    dovecot.deliver(user, [letter(7)])
    assert polls.poll().fetched_total == 4
    assert polls.accepted()[3] == letter(7)
    assert len(dovecot.files(user)) == 4
    polls.close()


def test_a_new_uidvalidity_fetches_again(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, [letter(1)])
    polls = _polls(dovecot, user, after_fetch="keep")
    polls.poll()
    maildir = dovecot.maildir(user)
    for path in maildir.glob("dovecot*"):
        path.unlink() if path.is_file() else shutil.rmtree(path)
    (maildir / "dovecot-uidlist").write_text("3 V12345 N1\n")
    dovecot.give_back(user)
    assert polls.poll().fetched_total == 2  # intake recognises it as a duplicate
    polls.close()


@pytest.mark.parametrize("missing", ["UIDPLUS MOVE", "MOVE"])
def test_move_without_move(user: str, missing: str) -> None:
    capability = " ".join(c for c in ("IMAP4rev1", "UIDPLUS", "MOVE", "IDLE") if c not in missing)
    with running(more=f"imap_capability = {capability}\n") as server:
        server.deliver(user, [letter(n) for n in range(3)])
        polls = _polls(server, user, after_fetch="move:Done")
        assert polls.poll().fetched_total == 3, polls.state()
        assert server.files(user) == []
        assert len(server.files(user, ".Done")) == 3
        polls.close()


def test_delete_without_uidplus_leaves_what_others_marked(user: str) -> None:
    with running(more="imap_capability = IMAP4rev1 IDLE\n") as server:
        server.deliver(user, [letter(n) for n in range(3)])
        polls = _polls(server, user)
        polls.poll()
        assert server.files(user) == []
        files = server.deliver(user, [letter(n) for n in range(4, 6)])
        marked = files[0].parent.parent / "cur" / (files[0].name + ":2,T")
        files[0].rename(marked)
        keep = _polls(server, user, max_size=100)  # too large, so that nothing of it is ours
        keep.poll()
        assert len(server.files(user)) == 2
        server.deliver(user, [b"Subject: tiny\r\n\r\n"])
        keep.poll()
        assert len(server.files(user)) == 3  # ours is marked; EXPUNGE would have taken the other one, too
        assert marked.exists()
        assert keep.poll().fetched_total == 1
        polls.close()
        keep.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_forty_megabytes(dovecot: Dovecot, user: str, protocol: str) -> None:
    line = b"0123456789abcdef" * 4 + b"\r\n"
    huge = b"Subject: huge\r\n\r\n.\r\n..\r\n" + line * (40 * 1024 * 1024 // len(line))
    dovecot.deliver(user, [letter(1), huge, letter(2)])
    polls = _polls(dovecot, user, protocol, "tls")
    assert polls.poll().fetched_total == 3, polls.state()
    assert polls.accepted() == [letter(1), huge, letter(2)]
    assert dovecot.files(user) == []
    polls.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_message_that_dovecot_cannot_deliver(dovecot: Dovecot, user: str, protocol: str) -> None:
    files = dovecot.deliver(user, [letter(n) for n in range(20)])
    broken = files[7]
    content = broken.read_bytes()
    broken.unlink()
    broken.mkdir()  # a directory in its place: reading it fails, for root and for everybody
    polls = _polls(dovecot, user, protocol, poll_interval=timedelta(0))
    states = [polls.poll() for _ in range(5)]
    assert sorted(polls.accepted()) == sorted(letter(n) for n in range(20) if n != 7), states
    assert max(state.failures for state in states) <= 1
    assert states[-1].failures == 0
    assert states[-1].last_error is not None
    assert states[-1].last_error.startswith("message U")
    gaps = reconcile(polls.make(), polls.store, polls.account).gaps
    assert len(gaps) == 1
    assert "is only on the server" in gaps[0]
    for path in [*broken.parent.iterdir(), *(broken.parent.parent / "cur").iterdir()]:
        if path.is_dir():
            path.rmdir()
            path.write_bytes(content)
    dovecot.give_back(user)
    polls.poll()
    polls.poll()
    assert sorted(polls.accepted()) == sorted(letter(n) for n in range(20)), polls.state()
    polls.close()


def test_reconcile_names_each_gap(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, [letter(n) for n in range(3)])
    polls = _polls(dovecot, user, after_fetch="keep")
    polls.poll()
    dovecot.deliver(user, [letter(n) for n in range(3, 5)])
    found = reconcile(polls.make(), polls.store, polls.account)
    assert (found.on_server, found.accepted) == (5, 3)
    assert [gap.partition(" (")[0] for gap in found.gaps] == ["UID 4", "UID 5"]
    assert polls.state().fetched_total == 3
    polls.close()
