"""Address lists of real mail, and the tricks that must not work."""

from __future__ import annotations

import pytest

from mailgate.mail.address import clean_address, read_addresses


def pairs(raw: str, most: int = 500) -> list[tuple[str, str]]:
    return [(item.name, item.address) for item in read_addresses(raw.encode(), most)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a@x.example", [("", "a@x.example")]),
        ("A B <a@x.example>", [("A B", "a@x.example")]),
        ('"B, A" <a@x.example>, c@x.example', [("B, A", "a@x.example"), ("", "c@x.example")]),
        ('"A \\"Q\\" B" <a@x.example>', [('A "Q" B', "a@x.example")]),
        ('"\\"A\\" B" <a@x.example>', [('"A" B', "a@x.example")]),
        ('"A \\"B\\"" <a@x.example>', [('A "B"', "a@x.example")]),
        ('"\\"A B\\"" <a@x.example>', [("A B", "a@x.example")]),
        ('A <"a.b"@x.example>', [("A", "a.b@x.example")]),
        ('A <"a b"@x.example>', [("A", '"a b"@x.example')]),
        ('A <"a@x.example">', [("A", "a@x.example")]),
        ("A <a@x.example (home)>", [("A", "a@x.example")]),
        ("A <a@x.example(b)@y.example>", []),
        ("A B [a@x.example]", [("A B", "a@x.example")]),
        (
            "=?utf-8?Q?B=C3=A9,_A_(x:y)?= <a@x.example>, c@x.example",
            [("Bé, A (x:y)", "a@x.example"), ("", "c@x.example")],
        ),
        ("=?utf-8?Q?B,_e@evil.example,?= <a@x.example>", []),
        ('"A B <a@x.example>"', [("A B", "a@x.example")]),
        ('"A <a@x.example>, B <b@x.example>"', []),
        ("a@x.example, a@x.example", [("", "a@x.example"), ("", "a@x.example")]),
        ("a@x.example (A (B) C)", [("A (B) C", "a@x.example")]),
        ("B, A <a@x.example>; C <c@x.example>", [("B, A", "a@x.example"), ("C", "c@x.example")]),
        ("List:a@x.example,b@x.example;, c@x.example", [("", "a@x.example"), ("", "b@x.example"), ("", "c@x.example")]),
        ("undisclosed-recipients:;", []),
        ("<@r.example:a@x.example>", [("", "a@x.example")]),
        ("A <a@x.example> B <b@x.example>", [("A", "a@x.example"), ("B", "b@x.example")]),
        ("mailto:a@x.example", [("", "a@x.example")]),
        ("<mailto:a@x.example?subject=x>", [("", "a@x.example")]),
        ("'A' <'a@x.example'>", [("'A'", "a@x.example")]),
        ("a@x.example.", [("", "a@x.example")]),
        ("a@[192.0.2.1]", [("", "a@[192.0.2.1]")]),
        ("a@xn--rnek-4qa.example", [("", "a@xn--rnek-4qa.example")]),
        ("A\tB <a@x.example>", [("A B", "a@x.example")]),
        ('"A B" a@x.example', [("A B", "a@x.example")]),
        ('"b@y.example" a@x.example', [("b@y.example", "a@x.example")]),
        ("A B (Firma A.Ş.) <a@x.example>", [("A B (Firma A.Ş.)", "a@x.example")]),
        ("A <a@x.example> (home)", [("A", "a@x.example")]),
        ("<a@x.example> (A B)", [("A B", "a@x.example")]),
        ("root (Cron Daemon)", []),
        ("MAILER-DAEMON", []),
        ("", []),
        ("<", []),
        ("<a@[>", []),
        ("<a@[1.2.3>", []),
        ("@", []),
        (",;:<>()", []),
    ],
)
def test_lists(raw: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "alice@example.org)bob@example.com",
        "alice@example.org@example.com",
        "alice@example.org]bob@example.com",
        "alice@example.org\\@example.com",
        "alice@example.org/x@y",
        "<alice@example.org>bob@example.com",
        '"alice@example.org"bob@example.com',
        "alice@exam\u202eple.org",
        "alice@exam\u200bple.org",
        "ali\x01ce@example.org",
    ],
)
def test_what_can_be_read_in_two_ways_is_no_address(raw: str) -> None:
    assert pairs(raw) == []


def test_an_encoded_word_carries_no_structure() -> None:
    assert pairs("=?utf-8?q?boss=40example.com=2C?= <evil@example.net>") == [("boss@example.com,", "evil@example.net")]


def test_an_encoded_line_end_in_a_name_is_a_space() -> None:
    assert pairs("=?utf-8?q?a=0D=0ABcc=3A?= <a@x.example>") == [("a Bcc:", "a@x.example")]


def test_at_most() -> None:
    assert len(pairs(", ".join(f"a{n}@x.example" for n in range(100)), most=10)) == 10


@pytest.mark.parametrize(
    "hostile", ['"', "(", "<", "()", "<>", '""', "\\", "(\\", '"\\', "a@b", ",", ":", "=?utf-8?q?"]
)
def test_hostile_lists_end(hostile: str) -> None:
    assert len(pairs(hostile * 60_000)) <= 500


def test_clean_address_lowers_the_domain_only() -> None:
    assert clean_address("Ayse@EXAMPLE.Org") == "Ayse@example.org"
    assert clean_address("no-domain") is None
