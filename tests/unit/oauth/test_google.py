"""Google's tokens: the installed-app flow with a pasted address, renewal, service accounts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailgate import clock, oauth
from mailgate.config import Config
from mailgate.config.schema import OAuth, Outgoing
from mailgate.oauth import Credential, TokenError
from tests.support.fake_identity import CLIENT, SECRET, FakeIdentity

_USER = "desk@example.org"


@pytest.fixture
def identity() -> Iterator[FakeIdentity]:
    fake = FakeIdentity()
    yield fake
    fake.close()


@pytest.fixture
def make(tmp_path: Path, identity: FakeIdentity) -> Callable[..., Credential]:
    """The relay's credential, with other settings."""

    def made(**settings: object) -> Credential:
        given = {"provider": "google", "client_id": CLIENT, "client_secret": SECRET, "authority": identity.url}
        out = Outgoing(
            smtp_username=_USER,
            smtp_ca_file=str(identity.ca_file),
            oauth=OAuth(**(given | settings)),  # type: ignore[arg-type]
        )
        return oauth.of_relay(Config(outgoing=out, path=str(tmp_path / "config.toml")))

    return made


class _Person:
    """Reads what is shown, and pastes the address at which the browser would end."""

    def __init__(self, identity: FakeIdentity, answer: str = "code=the-code") -> None:
        self.identity = identity
        self.answer = answer
        self.asked: dict[str, list[str]] = {}

    def show(self, line: str) -> None:
        if "accounts.google" in line or "/o/oauth2/" in line:
            self.asked = parse_qs(urlsplit(line.strip()).query)
            self.identity.challenge = self.asked["code_challenge"][0]

    def paste(self, _: str) -> str:
        return f"http://127.0.0.1:8765/?state={self.asked['state'][0]}&{self.answer}\n"


def test_a_person_signs_in_and_the_sign_in_is_renewed(make: Callable[..., Credential], identity: FakeIdentity) -> None:
    person, credential = _Person(identity), make()
    assert f"Signed in as {_USER}" in oauth.sign_in(credential, person.show, person.paste)
    assert person.asked["scope"] == ["https://mail.google.com/"]
    assert person.asked["access_type"] == ["offline"]
    assert identity.good(oauth.access_token(credential))
    oauth.forget(credential)
    assert identity.good(oauth.access_token(credential))
    assert next(iter(identity.refresh_tokens)) in credential.file.read_text()
    lasting = oauth.expires(credential)
    assert lasting.until is not None
    assert 179 < (lasting.until - clock.now()) / 86400 <= 180


@pytest.mark.parametrize(
    ("answer", "words"), [("error=access_denied", "declined"), ("nothing=1", "no code"), ("code=stolen", "refused")]
)
def test_what_is_not_a_sign_in(
    make: Callable[..., Credential], identity: FakeIdentity, answer: str, words: str
) -> None:
    person, credential = _Person(identity, answer), make()
    with pytest.raises(TokenError, match=words):
        oauth.sign_in(credential, person.show, person.paste)
    assert not credential.file.exists()


def test_an_address_of_another_sign_in_is_refused(make: Callable[..., Credential], identity: FakeIdentity) -> None:
    person = _Person(identity)
    with pytest.raises(TokenError, match="not the address of this sign-in"):
        oauth.sign_in(make(), person.show, lambda _: "http://127.0.0.1:8765/?state=x&code=the-code")
    with pytest.raises(TokenError, match="run the command on a terminal"):
        oauth.sign_in(make(), person.show)


def test_a_service_account_acts_for_the_mailbox(
    make: Callable[..., Credential], identity: FakeIdentity, tmp_path: Path
) -> None:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = tmp_path / "key.json"
    key.write_text(json.dumps({"client_email": "bot@project.example", "private_key": pem.decode()}))
    key.chmod(0o600)
    credential = make(flow="client_credentials", client_secret=None, client_secret_file="key.json", client_id="")
    assert identity.good(oauth.access_token(credential))
    assert identity.assertions[0]["iss"] == "bot@project.example"
    assert identity.assertions[0]["sub"] == _USER
    assert identity.assertions[0]["aud"] == "https://oauth2.googleapis.com/token"
    for content in ("not json", "{}", '{"client_email": "a", "private_key": "b"}', "[1]"):
        key.write_text(content)
        oauth.forget(credential)
        with pytest.raises(TokenError, match="not the JSON key of a Google service account"):
            oauth.access_token(credential)


def test_a_revoked_sign_in_names_the_command_for_the_relay(
    make: Callable[..., Credential], identity: FakeIdentity
) -> None:
    person, credential = _Person(identity), make()
    oauth.sign_in(credential, person.show, person.paste)
    identity.refresh_tokens = set()
    oauth.forget(credential)
    with pytest.raises(TokenError, match=r"the relay.*mailgate account login --relay"):
        oauth.access_token(credential)


@pytest.mark.parametrize("kind", ["cut", "garbage", "huge", "cut_in_body"])
def test_a_server_that_misbehaves(make: Callable[..., Credential], identity: FakeIdentity, kind: str) -> None:
    person, credential = _Person(identity), make()
    oauth.sign_in(credential, person.show, person.paste)
    oauth.forget(credential)
    identity.fail("POST /token", kind)
    with pytest.raises(TokenError, match="The sign-in server localhost"):
        oauth.access_token(credential)
    assert identity.good(oauth.access_token(credential))
