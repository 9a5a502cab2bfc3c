"""From a configuration with OAuth2 to mail: sign-in, fetch, renewal, the relay's token, and what `check` says of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate import clock
from mailgate.config import Config
from mailgate.config.schema import Account, OAuth, Outgoing
from mailgate.daemon.accounts import fetcher_maker, login, relay_token
from mailgate.daemon.health import check
from mailgate.errors import TemporaryError
from mailgate.sources.accounts.poller import Poller
from mailgate.store import Store, accounts, keys
from tests.support.account_polls import letter
from tests.support.fake_graph import FakeGraph
from tests.support.fake_identity import CLIENT, PERSON, SECRET, TENANT, FakeIdentity
from tests.support.hostile_mail_servers import HostileImap

_DAY = 86400.0


@pytest.fixture
def identity() -> Iterator[FakeIdentity]:
    fake = FakeIdentity()
    yield fake
    fake.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path / "data")
    yield made
    made.close()


def _oauth(identity: FakeIdentity, **settings: object) -> OAuth:
    return OAuth(client_id=CLIENT, tenant=TENANT, authority=identity.url, **settings)  # type: ignore[arg-type]


def _config(tmp_path: Path, *configured: Account, out: Outgoing | None = None) -> Config:
    return Config(account=list(configured), outgoing=out or Outgoing(), path=str(tmp_path / "config.toml"))


def _poll(config: Config, store: Store) -> accounts.AccountState:
    account = config.account[0]
    make = fetcher_maker(lambda: config, store)
    poller = Poller(account, lambda: make(account), store, None, random.Random(1))
    poller.turn()
    poller.stop()
    poller.run()
    with store.read() as db:
        return accounts.state(db, account.name)


def test_a_person_signs_in_and_mail_comes_from_graph(tmp_path: Path, identity: FakeIdentity, store: Store) -> None:
    graph = FakeGraph([letter(number) for number in range(3)])
    graph.token_is_good = identity.good
    both = tmp_path / "both.pem"
    both.write_bytes(identity.ca_file.read_bytes() + graph.ca_file.read_bytes())
    account = Account(
        name="post",
        protocol="graph",
        username=PERSON,
        endpoint=graph.endpoint,
        ca_file=str(both),
        oauth=_oauth(identity),
    )
    config = _config(tmp_path, account)
    state = _poll(config, store)
    assert "Run: mailgate account login post" in (state.last_error or "")
    said: list[str] = []
    assert f"Signed in as {PERSON}" in login(account, config, said.append)
    assert any("ABCD-1234" in line for line in said)
    state = _poll(config, store)
    assert (state.failures, state.fetched_total, graph.messages) == (0, 3, {})
    assert any("Mail.ReadWrite" in scope for scope in identity.scopes)
    identity.revoke_all()
    graph.add(letter(9), 1_795_500_000)
    state = _poll(config, store)
    assert (state.failures, state.fetched_total) == (0, 4)
    graph.close()


def test_a_login_that_was_refused_gets_a_new_token(tmp_path: Path, identity: FakeIdentity, store: Store) -> None:
    server = HostileImap([letter(1)])
    server.token = b"access-2"
    account = Account(
        name="post",
        protocol="imap",
        host="localhost",
        port=server.port,
        tls="none",
        idle=False,
        username=PERSON,
        ca_file=str(identity.ca_file),
        oauth=_oauth(identity, flow="client_credentials", client_secret=SECRET),
    )
    config = _config(tmp_path, account)
    assert "refused the login" in (_poll(config, store).last_error or "")
    state = _poll(config, store)
    assert (state.failures, state.fetched_total) == (0, 1)
    assert _poll(config, store).failures == 0
    assert len(identity.scopes) == 2
    server.close()


def test_the_relay_gets_its_token(tmp_path: Path, identity: FakeIdentity) -> None:
    out = Outgoing(smtp_username=PERSON, smtp_ca_file=str(identity.ca_file), oauth=_oauth(identity))
    config = _config(tmp_path, out=out)
    token = relay_token(lambda: config)
    with pytest.raises(TemporaryError, match="mailgate account login --relay"):
        token()
    login(None, config, lambda _: None)
    assert identity.good(token())
    assert any("SMTP.Send" in scope for scope in identity.scopes)


def test_a_relay_in_trouble_gets_a_new_token_now_and_then(tmp_path: Path, identity: FakeIdentity, store: Store) -> None:
    oauth = _oauth(identity, flow="client_credentials", client_secret=SECRET)
    config = _config(tmp_path, out=Outgoing(smtp_username=PERSON, smtp_ca_file=str(identity.ca_file), oauth=oauth))
    token = relay_token(lambda: config, store)
    first = token()
    assert token() == first
    store.write(lambda tx: keys.set_fact(tx, "relay_error", "the relay refused the login"))
    second = token()
    assert second != first
    assert token() == second


def test_check_tells_how_long_sign_ins_last(tmp_path: Path, identity: FakeIdentity, store: Store) -> None:
    person = Account(
        name="person", protocol="graph", username=PERSON, ca_file=str(identity.ca_file), oauth=_oauth(identity)
    )
    expiring = _oauth(identity, flow="client_credentials", client_secret=SECRET, client_secret_expires="2027-01-31")
    secret = Account(name="secret", protocol="graph", username=PERSON, oauth=expiring)
    endless = Account(
        name="endless", protocol="graph", username=PERSON, oauth=_oauth(identity, flow="client_credentials")
    )
    asleep = Account(name="asleep", protocol="graph", username=PERSON, oauth=_oauth(identity), disabled=True)
    config = _config(tmp_path, person, secret, endless, asleep, out=Outgoing(oauth=_oauth(identity)))

    def told() -> dict[str, str]:
        return {found.name: found.status for found in check(config, ["tokens"])}

    everything = {"token person": "CRITICAL", "token secret": "OK", "token endless": "OK", "token relay": "CRITICAL"}
    with clock.frozen(1_795_000_000):
        assert told() == everything
    began = clock.now()
    login(person, config, lambda _: None)
    for days, status in ((1, "OK"), (77, "WARNING"), (88, "CRITICAL"), (100, "CRITICAL")):
        with clock.frozen(began + days * _DAY):
            assert told()["token person"] == status
    with clock.frozen(1_801_353_600 - 13 * _DAY):  # 2027-01-31
        assert told()["token secret"] == "WARNING"
    with clock.frozen(1_801_353_600 - 2 * _DAY):
        assert told()["token secret"] == "CRITICAL"
    assert SECRET not in str(check(config, ["tokens"]))
