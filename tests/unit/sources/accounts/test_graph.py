"""Microsoft Graph accounts against a server that speaks as much of Graph as they use, and against one that misbehaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from mailgate import clock
from mailgate.config.schema import OAuth
from mailgate.sources.accounts import by_time, graph_service
from mailgate.sources.accounts.fetcher import AccountError
from mailgate.sources.accounts.reconcile import reconcile
from tests.support.account_polls import Polls, letter, many
from tests.support.fake_graph import FakeGraph
from tests.support.fake_https import FakeHttps, Reply

_LETTERS = [letter(number) for number in range(1, 31)]
_USER = "desk@contoso.example"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGraph]:
    monkeypatch.setattr(graph_service, "FIRST_PAUSE", 0.0)
    fake = FakeGraph(_LETTERS)
    yield fake
    fake.close()


Make = Callable[..., Polls]


@pytest.fixture
def polls(server: FakeGraph) -> Iterator[Make]:
    def one(**settings: Any) -> Polls:
        settings.setdefault("oauth", OAuth(client_id="app"))
        defaults = {"endpoint": server.endpoint, "ca_file": str(server.ca_file), "host": "", "tls": "tls"}
        return Polls("graph", 0, **{**defaults, "username": _USER, "tokens": ("good-token",), **settings})

    with many(one) as make:
        yield make


def _asked(server: FakeGraph, words: str) -> int:
    return sum(words in line for line in server.asked)


def test_all_come_oldest_first_and_are_deleted(server: FakeGraph, polls: Make) -> None:
    poll = polls()
    with clock.frozen(1_796_000_000):
        state = poll.poll()
    assert state.last_error is None
    assert state.fetched_total == 30
    assert poll.accepted() == _LETTERS
    assert server.messages == {}
    assert poll.received_at() == [1_795_000_000 + number * 60 for number in range(30)]
    assert poll.poll().fetched_total == 30


@pytest.mark.parametrize(
    ("after_fetch", "there", "read"),
    [("mark_read", "inbox", True), ("move:Arşiv/2026", "made-5", False), ("keep", "inbox", False)],
)
def test_what_happens_after_the_fetch(server: FakeGraph, polls: Make, after_fetch: str, there: str, read: bool) -> None:
    poll = polls(after_fetch=after_fetch)
    assert poll.poll().fetched_total == 30
    assert {message.folder for message in server.messages.values()} == {there}
    assert {message.read for message in server.messages.values()} == {read}
    assert poll.poll().fetched_total == 30
    assert _asked(server, "$value") == 30
    if after_fetch.startswith("move"):
        names = {folder.name: folder.parent for folder in server.folders.values()}
        assert names["Arşiv"] == "msgfolderroot"
        assert names["2026"] == "made-4"


def test_a_large_message_goes_to_disk(server: FakeGraph, polls: Make) -> None:
    large = letter(99, 3_000_000)
    server.messages.clear()
    server.add(large, 1_795_000_500)
    poll = polls()
    assert poll.poll().fetched_total == 1
    assert poll.accepted() == [large]


def test_one_larger_than_max_size_stays_and_is_reported(server: FakeGraph, polls: Make) -> None:
    server.add(letter(99, 200_000), 1_795_000_001)
    poll = polls(max_size=100_000, poll_interval=timedelta(0))
    for _ in range(3):
        state = poll.poll()
    assert state.failures == 0
    assert state.fetched_total == 30
    assert "larger than max_size" in (state.last_error or "")
    assert len(server.messages) == 1


def test_a_folder_by_its_path(server: FakeGraph, polls: Make) -> None:
    server.add(letter(77), 1_795_000_000, "AAMk/büro=")
    poll = polls(folder="INBOX/büro")
    assert poll.poll().fetched_total == 1
    missing = polls(folder="Inbox/Nirgends")
    assert 'no folder "Nirgends" in the mailbox; there are: Büro' in (missing.poll().last_error or "")


@pytest.mark.parametrize(
    ("settings", "owner"),
    [
        ({"oauth": OAuth(flow="client_credentials")}, f"users/{_USER}"),
        ({"mailbox": "shared@contoso.example"}, "users/shared@contoso.example"),
        ({"mailbox": _USER.upper()}, "me"),
    ],
)
def test_whose_mailbox_it_is(server: FakeGraph, polls: Make, settings: dict[str, Any], owner: str) -> None:
    server.owner = owner
    assert polls(**settings).poll().fetched_total == 30


def test_a_token_that_has_expired_is_renewed_once(server: FakeGraph, polls: Make) -> None:
    poll = polls(tokens=("old-token", "good-token"))
    state = poll.poll()
    assert (state.failures, state.fetched_total) == (0, 30)
    assert poll.tokens == ["good-token"]


def test_a_token_that_stays_refused_counts(server: FakeGraph, polls: Make) -> None:
    state = polls(tokens=("old-token",)).poll()
    assert state.failures == 1
    assert "refused the token of desk@contoso.example" in (state.last_error or "")
    assert "mailgate account login post" in (state.last_error or "")
    assert "old-token" not in (state.last_error or "")
    assert len(server.asked) == 2


def test_a_refusal_is_said_in_plain_words(server: FakeGraph, polls: Make) -> None:
    server.fail(
        "mailFolders/inbox", Reply(403, b'{"error": {"code": "ErrorAccessDenied", "message": "Access is denied."}}')
    )
    state = polls().poll()
    assert "denied access to the mailbox desk@contoso.example" in (state.last_error or "")
    assert "Mail.ReadWrite" in (state.last_error or "")
    server.owner = "users/somebody@else.example"
    assert "knows no such mailbox" in (polls().poll().last_error or "")


@pytest.mark.parametrize("status", [429, 503, 504])
def test_throttling_is_waited_out(server: FakeGraph, polls: Make, status: int) -> None:
    for step in ("messages?", "$value", "DELETE"):
        server.fail(step, Reply(status, b"", {"Retry-After": "0"}), times=2)
    state = polls().poll()
    assert (state.failures, state.fetched_total) == (0, 30)


def test_nothing_is_asked_before_the_time_that_the_server_named(server: FakeGraph, polls: Make) -> None:
    server.fail("messages?", Reply(429, b"", {"Retry-After": "3600"}))
    poll = polls()
    assert "throttling" in (poll.poll().last_error or "")
    asked = len(server.asked)
    state = poll.poll()
    assert "asked not to be asked for another" in (state.last_error or "")
    assert (state.failures, len(server.asked)) == (2, asked)


@pytest.mark.parametrize("header", ["soon", "-1", "99999999999999", "Wed, 21 Oct 2026 07:28:00 GMT", "١"])
def test_a_strange_retry_after_harms_nothing(server: FakeGraph, polls: Make, header: str) -> None:
    server.fail("messages?", Reply(503, b"", {"Retry-After": header.encode().decode("latin-1")}))
    state = polls().poll()
    assert state.failures in (0, 1)
    assert state.enabled


@pytest.mark.parametrize("status", [500, 502])
def test_a_server_error_is_tried_again(server: FakeGraph, polls: Make, status: int) -> None:
    for step in ("messages?", "$value", "DELETE"):
        server.fail(step, Reply(status, b"oops"), times=2)
    state = polls().poll()
    assert (state.failures, state.fetched_total) == (0, 30)
    assert server.messages == {}


# Any bytes may be a message, and what DELETE says is not read.
_FAULTS = [
    (step, kind)
    for step in ("childFolders", "messages?", "$value", "DELETE")
    for kind in ("cut", "cut_in_body", "hang", "drip", "garbage", "huge")
    if kind != "garbage" or step in ("childFolders", "messages?")
]


@pytest.mark.parametrize(("step", "kind"), _FAULTS)
def test_a_server_that_misbehaves(server: FakeGraph, polls: Make, step: str, kind: str) -> None:
    poll = polls(timeout=timedelta(seconds=0.3), max_size=10_000_000, poll_interval=timedelta(0))
    server.messages = dict(list(server.messages.items())[:4])
    poll.account.folder = "Inbox/Büro" if step == "childFolders" else "INBOX"
    for message in server.messages.values():
        message.folder = "AAMk/büro=" if step == "childFolders" else "inbox"
    server.fail(step, kind, times=1000)
    states = [poll.poll() for _ in range(3)]
    assert [state.failures for state in states] == [1, 2, 3] or step == "$value"
    told = [state.last_error for state in states if state.last_error]
    assert told
    assert "good-token" not in "".join(told)
    assert len(server.messages) == 4
    server.heal()
    for _ in range(3):
        state = poll.poll()
    assert state.failures == 0
    assert sorted(poll.accepted()) == sorted(_LETTERS[:4])
    assert server.messages == {}


def test_one_that_cannot_be_delivered_is_in_nobodys_way(server: FakeGraph, polls: Make) -> None:
    ids = list(server.messages)
    server.undeliverable = {ids[0]: 404, ids[3]: 422, ids[5]: 500}
    poll = polls(poll_interval=timedelta(0))
    states = [poll.poll() for _ in range(4)]
    assert max(state.failures for state in states) == 0
    assert states[-1].fetched_total == 27
    assert set(server.messages) == {ids[0], ids[3], ids[5]}
    assert "and 2 more" in (states[-1].last_error or "")
    server.undeliverable = {}
    state = poll.poll()
    for _ in range(3):
        state = poll.poll()
    assert (state.last_error, server.messages) == (None, {})


def test_what_is_here_already_is_only_settled(server: FakeGraph, polls: Make) -> None:
    server.fail("DELETE", Reply(403, b"{}"), times=1000)
    poll = polls()
    assert poll.poll().failures == 1
    here = len(poll.accepted())
    assert here > 0
    fetched = _asked(server, "$value")
    server.heal()
    assert poll.poll().failures == 0
    assert server.messages == {}
    assert _asked(server, "$value") == 30
    assert fetched == here
    assert sorted(poll.accepted()) == sorted(_LETTERS)


def test_a_message_that_somebody_deleted_meanwhile(server: FakeGraph, polls: Make) -> None:
    server.fail("DELETE", Reply(404, b"{}"), times=5)
    assert polls().poll().failures == 0


def test_five_failures_disable_and_are_told_once(server: FakeGraph, polls: Make) -> None:
    poll = polls(tokens=("old-token",))
    states = [poll.poll() for _ in range(5)]
    assert [state.enabled for state in states] == [True] * 4 + [False]
    asked = len(server.asked)
    poll.poll()
    assert len(server.asked) == asked
    assert len(poll.told) == 1
    assert poll.events() == ["AccountDisabled"]


def test_a_link_to_another_place_is_not_followed(server: FakeGraph, polls: Make) -> None:
    thief = FakeHttps(lambda _: Reply(200, b"{}"))
    for link in (thief.url + "/v1.0/me/x", "https://[", "//elsewhere/x", "file:///etc/passwd"):
        server.fail("messages?", Reply(200, b'{"value": [], "@odata.nextLink": "' + link.encode() + b'"}'))
        assert "sends on to another place" in (polls().poll().last_error or "")
    assert thief.asked == []
    thief.close()


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"value": 3}',
        b'{"value": [3]}',
        b'{"value": [{}]}',
        b'{"value": [{"id": 5, "receivedDateTime": "x"}]}',
        b'{"value": [{"id": ""}]}',
        b"[" * 100_000,
        b'{"value": [{"id": "a", "receivedDateTime": "2026-01-02T00:00:00Z"},'
        b' {"id": "b", "receivedDateTime": "2026-01-01T00:00:00Z"}]}',
    ],
)
def test_json_that_makes_no_sense(server: FakeGraph, polls: Make, body: bytes) -> None:
    server.fail("messages?", Reply(200, body))
    state = polls().poll()
    assert state.failures == 1
    assert state.last_error


def test_a_list_that_never_ends(server: FakeGraph, polls: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_service, "_MOST_PAGES", 10)
    link = f'{{"value": [], "@odata.nextLink": "{server.endpoint}/me/mailFolders/inbox/messages?a"}}'
    server.fail("messages?", Reply(200, link.encode()), times=100)
    assert "does not end its list" in (polls().poll().last_error or "")


@pytest.mark.parametrize("after_fetch", ["delete", "keep"])
def test_many_of_one_second(server: FakeGraph, polls: Make, monkeypatch: pytest.MonkeyPatch, after_fetch: str) -> None:
    monkeypatch.setattr("mailgate.sources.accounts.graph.PAGE", 5)
    server.page_limit = 3
    for number in range(100, 125):
        server.add(letter(number), 1_795_000_060)
    poll = polls(after_fetch=after_fetch)
    state = poll.poll()
    assert (state.failures, state.fetched_total) == (0, 55)
    assert len(set(poll.accepted())) == 55


def test_where_messages_stay_only_new_ones_are_listed_and_once_a_day_all(server: FakeGraph, polls: Make) -> None:
    poll = polls(after_fetch="keep")
    with clock.frozen(1_795_000_000 + 90_000) as advance:
        assert poll.poll().fetched_total == 30
        assert poll.poll().fetched_total == 30
        assert _asked(server, "filter=receivedDateTime+ge") + _asked(server, "receivedDateTime%20ge") > 0
        server.add(letter(50), 1_795_000_000 + 89_000)
        assert poll.poll().fetched_total == 31
        server.add(letter(51), 1_700_000_000)  # somebody moved an old one in
        assert poll.poll().fetched_total == 31
        advance(by_time._FULL_EVERY + 1)
        assert poll.poll().fetched_total == 32


def test_reconcile_names_each_gap(server: FakeGraph, polls: Make) -> None:
    server.fail("DELETE", Reply(403, b"{}"), times=1000)
    poll = polls()
    poll.poll()
    server.heal()
    server.add(letter(60), 1_795_900_000)
    found = reconcile(poll.make(), poll.store, poll.account)
    assert found.on_server == 31
    assert found.accepted == len(poll.accepted())
    assert len(found.gaps) == 31
    assert len(server.messages) == 31


def test_the_test_looks_and_changes_nothing(server: FakeGraph, polls: Make) -> None:
    poll = polls(after_fetch="move:Arşiv")
    said = poll.make().test()
    assert "holds 30 messages, 30 of them unread." in said[1]
    assert "Gelen Kutusu" in said[2]
    assert 'The folder "Arşiv" does not exist yet' in said[3]
    assert all(line.startswith("GET") for line in server.asked)
    with pytest.raises(AccountError, match="refused the token"):
        polls(tokens=("bad",)).make().test()
    with pytest.raises(AccountError, match="is not trusted"):
        polls(ca_file=None).make().test()
