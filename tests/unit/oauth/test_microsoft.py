"""Microsoft's tokens: device code, client credentials, renewal, refusals in plain words, two processes at once."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailgate import clock, oauth
from mailgate.config import Config
from mailgate.config.schema import Account, OAuth
from mailgate.oauth import Credential, TokenError
from tests.support.fake_https import Reply
from tests.support.fake_identity import CLIENT, PERSON, SECRET, TENANT, FakeIdentity


@pytest.fixture
def identity() -> Iterator[FakeIdentity]:
    fake = FakeIdentity()
    yield fake
    fake.close()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(path=str(tmp_path / "config.toml"))


def _credential(config: Config, identity: FakeIdentity, name: str = "desk", **settings: object) -> Credential:
    protocol = settings.pop("protocol", "imap")
    given = {"client_id": CLIENT, "tenant": TENANT, "authority": identity.url, **settings}
    account = Account(
        name=name,
        protocol=protocol,  # type: ignore[arg-type]
        host="mail.example.com",
        username=PERSON,
        ca_file=str(identity.ca_file),
        oauth=OAuth(**given),  # type: ignore[arg-type]
    )
    return replace(oauth.of_account(account, config), timeout=2.0)


def _app(config: Config, identity: FakeIdentity, **settings: object) -> Credential:
    return _credential(config, identity, flow="client_credentials", client_secret=SECRET, **settings)


def _signed_in(config: Config, identity: FakeIdentity, **settings: object) -> Credential:
    credential = _credential(config, identity, **settings)
    oauth.sign_in(credential, lambda _: None)
    return credential


def test_a_person_signs_in_with_a_code(config: Config, identity: FakeIdentity) -> None:
    identity.pending = 2
    credential = _credential(config, identity)
    shown: list[str] = []
    told = oauth.sign_in(credential, shown.append)
    assert f"Signed in as {PERSON};" in told
    assert any("https://microsoft.com/devicelogin" in line for line in shown)
    assert any("ABCD-1234" in line for line in shown)
    assert identity.good(oauth.access_token(credential))
    assert stat.S_IMODE(credential.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(credential.folder.stat().st_mode) == 0o700
    assert "https://outlook.office.com/IMAP.AccessAsUser.All" in identity.scopes[0] or any(
        "IMAP.AccessAsUser.All" in scope for scope in identity.scopes
    )


def test_a_secret_is_not_sent_where_a_person_signs_in(config: Config, identity: FakeIdentity) -> None:
    credential = _signed_in(config, identity, client_secret=SECRET)
    assert identity.good(oauth.access_token(credential))
    assert not any(b"client_secret" in request.body for request in identity.requests)


def test_a_sign_in_server_that_sends_on_gets_nothing_further(config: Config, identity: FakeIdentity) -> None:
    other = FakeIdentity()
    identity.fail("oauth2/v2.0/token", Reply(307, b"", {"Location": f"{other.url}/{TENANT}/oauth2/v2.0/token"}))
    with pytest.raises(TokenError, match="cannot be read"):
        oauth.access_token(_app(config, identity))
    assert other.asked == []
    other.close()


def test_a_sign_in_that_is_declined_changes_nothing(config: Config, identity: FakeIdentity) -> None:
    identity.declined = True
    credential = _credential(config, identity)
    with pytest.raises(TokenError, match="declined"):
        oauth.sign_in(credential, lambda _: None)
    assert not credential.file.exists()


def test_nobody_signed_in_says_which_command(config: Config, identity: FakeIdentity) -> None:
    with pytest.raises(TokenError, match="Run: mailgate account login desk"):
        oauth.access_token(_credential(config, identity))


def test_a_token_is_used_until_shortly_before_its_end_and_then_renewed(config: Config, identity: FakeIdentity) -> None:
    credential = _app(config, identity)
    with clock.frozen(clock.now()) as advance:
        first = oauth.access_token(credential)
        advance(3600 - 301)
        assert oauth.access_token(credential) == first
        advance(2)
        second = oauth.access_token(credential)
        assert second != first
    assert identity.scopes == ["https://outlook.office365.com/.default"] * 2


def test_a_token_that_soon_ends_is_not_asked_for_again_and_again(config: Config, identity: FakeIdentity) -> None:
    identity.lifetime = 60
    credential = _app(config, identity)
    with clock.frozen(clock.now()) as advance:
        first = oauth.access_token(credential)
        advance(29)
        assert oauth.access_token(credential) == first
        advance(2)
        assert oauth.access_token(credential) != first


def test_the_refresh_token_of_each_renewal_is_kept(config: Config, identity: FakeIdentity) -> None:
    identity.lifetime = 10
    credential = _signed_in(config, identity)
    for _ in range(3):
        oauth.forget(credential)
        assert identity.good(oauth.access_token(credential))
    newest = next(iter(identity.refresh_tokens))
    assert newest in credential.file.read_text()


def test_a_refused_token_is_renewed_although_it_looks_good(config: Config, identity: FakeIdentity) -> None:
    credential = _signed_in(config, identity)
    first = oauth.access_token(credential)
    identity.revoke_all()
    assert oauth.access_token(credential) == first
    oauth.forget(credential)
    assert identity.good(oauth.access_token(credential))


def test_a_sign_in_that_has_expired_says_which_command(config: Config, identity: FakeIdentity) -> None:
    identity.lifetime = 10
    credential = _signed_in(config, identity)
    identity.refresh_tokens = set()
    oauth.forget(credential)
    with pytest.raises(TokenError, match=r"expired or was revoked.* mailgate account login desk") as raised:
        oauth.access_token(credential)
    assert "refresh-" not in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"client_secret": "wrong"}, "secret is wrong; client_secret must be the secret's value"),
        ({"client_id": "another", "client_secret": SECRET}, "unknown in this tenant; check client_id"),
        ({"tenant": "nowhere.example", "client_secret": SECRET}, "tenant nowhere.example of account desk is unknown"),
        ({"client_secret": None}, "client_credentials needs client_secret_file"),
    ],
)
def test_wrong_settings_are_named(
    config: Config, identity: FakeIdentity, settings: dict[str, object], words: str
) -> None:
    credential = _credential(config, identity, flow="client_credentials", **settings)
    with pytest.raises(TokenError, match=words) as raised:
        oauth.access_token(credential)
    assert SECRET not in str(raised.value)
    assert "Trace ID" not in str(raised.value)


@pytest.mark.parametrize("place", ["openid-configuration", "oauth2/v2.0/token"])
@pytest.mark.parametrize("kind", ["cut", "cut_in_body", "hang", "drip", "garbage", "huge"])
def test_a_sign_in_server_that_misbehaves(config: Config, identity: FakeIdentity, place: str, kind: str) -> None:
    credential = replace(_app(config, identity), timeout=0.3)
    identity.fail(place, kind)
    with pytest.raises(TokenError, match=r"The sign-in server localhost:\d+ of account desk") as raised:
        oauth.access_token(credential)
    assert SECRET not in str(raised.value)
    assert identity.good(oauth.access_token(replace(credential, timeout=5.0)))


def test_the_public_sign_in_server_is_not_asked_at_start(config: Config) -> None:
    account = Account(name="x", protocol="graph", username=PERSON, oauth=OAuth(client_id=CLIENT))
    assert oauth.of_account(account, config).scopes == ("https://graph.microsoft.com/Mail.ReadWrite",)
    account.mailbox = "shared@contoso.example"
    assert oauth.of_account(account, config).scopes == ("https://graph.microsoft.com/Mail.ReadWrite.Shared",)
    account.endpoint = "https://graph.microsoft.us/v1.0"
    account.oauth = OAuth(client_id=CLIENT, flow="client_credentials")
    assert oauth.of_account(account, config).scopes == ("https://graph.microsoft.us/.default",)


def test_many_threads_renew_once(config: Config, identity: FakeIdentity) -> None:
    credential = _app(config, identity)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(oauth.access_token(credential))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(got)) == 1
    assert len(got) == 8
    assert len(identity.scopes) == 1


def test_a_new_sign_in_by_another_process_is_seen(config: Config, identity: FakeIdentity) -> None:
    credential = _signed_in(config, identity)
    first = oauth.access_token(credential)
    kept = json.loads(credential.file.read_text())
    for entry in kept["cache"]["AccessToken"].values():
        entry["secret"] = "from-the-other-process"
    credential.file.write_text(json.dumps(kept))
    assert oauth.access_token(credential) == "from-the-other-process" != first


def test_a_disk_that_takes_nothing_does_not_stop_mail(
    config: Config, identity: FakeIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity.lifetime = 10
    credential = _signed_in(config, identity)
    oauth.forget(credential)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert identity.good(oauth.access_token(credential))
    assert [path.suffix for path in credential.folder.iterdir() if path.suffix not in (".json", ".lock")] == []


def test_a_damaged_file_is_named(config: Config, identity: FakeIdentity) -> None:
    credential = _credential(config, identity)
    credential.folder.mkdir(parents=True)
    for content in ("", "[]", "{half", '{"client_id": "' + CLIENT + '", "cache": 3}', "{}"):
        credential.file.write_text(content)
        with pytest.raises(TokenError, match=r"damaged|mailgate account login desk"):
            oauth.access_token(credential)


def test_names_never_leave_the_folder(config: Config, identity: FakeIdentity) -> None:
    for name in ("../../etc/x", "/abs", "=relay", ".hidden", "öz büro"):
        file = _credential(config, identity, name=name).file
        assert file.resolve().parent == (config.data_dir / "tokens").resolve()
        assert file.name != "=relay.json"


def test_how_long_a_credential_lasts(config: Config, identity: FakeIdentity) -> None:
    assert oauth.expires(_credential(config, identity)).missing
    with clock.frozen(clock.now()):
        lasting = oauth.expires(_signed_in(config, identity))
        assert lasting.until == clock.now() + 90 * 86400
    secret = _app(config, identity, client_secret_expires="2027-01-31")
    assert clock.iso(oauth.expires(secret).until) == "2027-01-31T00:00:00Z"
    assert oauth.expires(_app(config, identity)).until is None
    with pytest.raises(TokenError, match="is not a day such as"):
        oauth.expires(_app(config, identity, client_secret_expires="soon"))
