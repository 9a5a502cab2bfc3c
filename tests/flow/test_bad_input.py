"""Whatever arrives becomes a ticket with what could be read, and its raw bytes stay reachable."""

from __future__ import annotations

import pytest

from mailgate.store.spool import audit
from tests.support.desk import Office

HEAD = b"From: Carl <customer@example.org>\r\nTo: support@help.example.com\r\nMessage-ID: <bad@x>\r\n"


def _nested(depth: int) -> bytes:
    parts = HEAD + b"Subject: nested\r\nMIME-Version: 1.0\r\n"
    for level in range(depth):
        parts += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    return parts + b"Content-Type: text/plain\r\n\r\ndeep\r\n"


CASES: dict[str, tuple[bytes, str, str]] = {
    # name: (raw, subject of the ticket, what the entry's text holds)
    "empty": (b"", "(no subject)", ""),
    "only line ends": (b"\r\n\r\n\r\n", "(no subject)", ""),
    "no header": (b"just words\r\nand more\r\n", "(no subject)", "words"),
    "no From": (b"Subject: who\r\n\r\nhello\r\n", "who", "hello"),
    "two Froms": (b"From: a@x.org\r\nFrom: b@y.org\r\nSubject: two\r\n\r\nhello\r\n", "two", "hello"),
    "no Message-ID": (b"From: a@x.org\r\nSubject: none\r\n\r\nhello\r\n", "none", "hello"),
    "a million letters of Subject": (HEAD + b"Subject: " + b"s" * 1_000_000 + b"\r\n\r\nhello\r\n", "sss", "hello"),
    "a folded Subject": (HEAD + b"Subject: a\r\n b\r\n\tc\r\n\r\nhello\r\n", "a b c", "hello"),
    "NUL bytes": (HEAD + b"Subject: n\x00ul\r\n\r\nhe\x00llo\r\n", "ul", "hello"),
    "bare LF": (HEAD.replace(b"\r\n", b"\n") + b"Subject: lf\n\nhello\nworld\n", "lf", "hello\nworld"),
    "bare CR": (HEAD.replace(b"\r\n", b"\r") + b"Subject: cr\r\rhello\r", "cr", "hello"),
    "windows-1254 without a label": (
        HEAD + "Subject: Yazıcı arızası\r\n\r\nÇıktı alınamıyor, lütfen yardım edin. Teşekkürler, Ayşe Işık\r\n".encode("cp1254"),
        "Yazıcı arızası", "Çıktı alınamıyor, lütfen yardım edin. Teşekkürler, Ayşe Işık",
    ),
    "an unknown charset": (
        HEAD + b"Subject: =?x-klingon?q?qapla=27?=\r\nContent-Type: text/plain; charset=x-klingon\r\n\r\nhello\r\n",
        "qapla'", "hello",
    ),
    "broken RFC 2047": (HEAD + b"Subject: =?utf-8?b?!!!?= =?utf-8?q?caf=C3?= x\r\n\r\nhello\r\n", "x", "hello"),
    "group syntax": (b"From: Team: a@x.org, b@x.org;\r\nSubject: group\r\n\r\nhello\r\n", "group", "hello"),
    "addresses in UTF-8": ("From: Ayşe <ayşe@örnek.example>\r\nSubject: utf\r\n\r\nmerhaba\r\n".encode(), "utf", "merhaba"),
    "a bad boundary": (
        HEAD + b"Subject: b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\nhello\r\n", "b", "hello",
    ),
    "broken base64": (
        HEAD + b"Subject: b64\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"aGVsbG8gdG8g*dGhlIHdob2xlIGhvdXNlLCBhbGwgb2YgeW91\r\n",
        "b64", "hello to the whole house",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_becomes_a_ticket_that_reads_well(office: Office, name: str) -> None:
    raw, subject, text = CASES[name]
    row = office.receive(raw)
    assert row["outcome"] == "new_ticket", row["error"]
    ticket = office.ticket(row["ticket_id"])
    entry = office.entries(ticket.id)[0]
    assert subject in ticket.subject
    assert text in entry.text
    with office.store.read() as db:
        assert office.store.blobs.get(db, row["sha256"]) == raw
        assert audit(db).balanced


def test_a_hundred_thousand_header_lines(office: Office) -> None:
    raw = HEAD + b"Subject: many\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\nhello\r\n"
    row = office.receive(raw)
    entry = office.entries(row["ticket_id"])[0]
    assert (office.ticket(1).subject, "incomplete" in entry.marks) == ("many", True)
    assert [item.filename for item in entry.attachments] == ["message.eml"]


def test_a_thousand_nested_parts(office: Office) -> None:
    row = office.receive(_nested(1000))
    entry = office.entries(row["ticket_id"])[0]
    assert "incomplete" in entry.marks
    assert entry.attachments[-1].sha256 == row["sha256"]


def test_fifty_megabytes(office: Office) -> None:
    raw = HEAD + b"Subject: large\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * (50 * 1024**2 // 72)
    row = office.receive(raw)
    entry = office.entries(row["ticket_id"])[0]
    assert row["size"] == len(raw)
    assert len(entry.text) <= 3 * 1024**2
    assert "incomplete" in entry.marks


def test_names_of_attachments_stay_inside(office: Office) -> None:
    raw = (
        HEAD + b"Subject: names\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
        b'Content-Disposition: attachment; filename="../../../etc/passwd\x00.txt"\r\n\r\nroot\r\n'
    )
    row = office.receive(raw)
    kept = office.entries(row["ticket_id"])[0].attachments[0]
    assert not any(bad in kept.filename for bad in ("/", "\\", "\0", ".."))
    outside = [path for path in office.store.folder.rglob("*") if "passwd" in path.name]
    assert outside == []


def test_identical_attachments_are_stored_once(office: Office) -> None:
    body = (
        b"Subject: twice\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
        b"--B\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nsame bytes\r\n"
        b"--B\r\nContent-Type: application/pdf; name=b.pdf\r\n\r\nsame bytes\r\n--B--\r\n"
    )
    row = office.receive(HEAD + body)
    kept = office.entries(row["ticket_id"])[0].attachments
    assert [item.filename for item in kept] == ["a.pdf", "b.pdf"]
    with office.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM blob WHERE sha256 = :s", {"s": kept[0].sha256}) == 1
    assert kept[0].sha256 == kept[1].sha256
