"""Whose address an attempt is counted by, and what a cookie looks like."""

import pytest

from mailgate.web.headers import client_address, is_clean, set_cookie
from mailgate.web.words import preferred

PROXIES = ["127.0.0.1", "::1", "10.0.0.0/8", "not an address"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.7"], "198.51.100.7"),
        ("::ffff:127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("::1", ["[2001:db8:1:2:3::4]:443"], "2001:db8:1:2::/64"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["10.1.1.1"], "10.1.1.1"),
        ("127.0.0.1", ["rubbish"], "rubbish"),
        ("127.0.0.1", ["x" * 5000], "x" * 64),
        (None, ["198.51.100.7"], "198.51.100.7"),
        (None, [], "local"),
        ("2001:db8::1", [], "2001:db8::/64"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy(peer: str | None, forwarded: list[str], client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


def test_many_forwarded_addresses_are_bounded() -> None:
    assert client_address("127.0.0.1", [", ".join(["10.0.0.1"] * 100_000)], PROXIES) == "10.0.0.1"


def test_cookies() -> None:
    assert set_cookie("v", False) == "mailgate=v; Path=/; HttpOnly; SameSite=Lax"
    assert set_cookie("", True) == "__Host-mailgate=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\x00", "\x7f"])
def test_line_ends_are_no_header(value: str) -> None:
    assert not is_clean(value)
    assert is_clean("plain ü text")


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "en"), ("tr", "tr"), ("TR-tr", "tr"), ("de,tr;q=0.1", "tr"), ("en;q=0.5,tr;q=0.9", "tr"), ("*", "en"),
     ("tr;q=2", "en"), ("tr;q=nan", "en"), (",;=" * 500, "en")],
)  # fmt: skip
def test_the_preferred_language(header: str, language: str) -> None:
    assert preferred(header, "en") == language
