"""What intake makes of findings: mail that came past the gate is scanned late, and trusted results give standing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailgate.intake import Intake
from mailgate.mail.message import Envelope
from mailgate.store.engine import Row
from mailgate.store.spool import Client, Incoming
from tests.support.desk import Office, mail
from tests.unit.screen.test_scan import clamd, server

ACCOUNT = '[[account]]\nname = "box"\nprotocol = "imap"\nhost = "localhost"\nusername = "u"\npassword = "p"\n'
VIRUS = clamd(b"stream: Some.Virus FOUND\0")
OUTSIDE = Client(ip="203.0.114.5", helo="out.example.org")
DMARC = "Authentication-Results: mx.example.com; dmarc={} header.from={}\n"
TRUSTED = '[screen]\ntrusted_authserv_ids = ["mx.example.com"]\n'


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Office]]:
    made: list[Office] = []

    def furnish(extra: str) -> Office:
        made.append(Office(tmp_path / f"office{len(made)}", extra))
        return made[-1]

    yield furnish
    for office in made:
        office.close()


def clamav(place: str, more: str = "") -> str:
    return f'{ACCOUNT}[screen.clamav]\nenabled = true\naddress = "{place}"\n{more}'


def steps(row: Row) -> dict[str, str]:
    return {line["step"]: f"{line['result']} {line['detail']}" for line in json.loads(row["trace"])}


@pytest.mark.parametrize("source", ["imap:box", "pipe"])
def test_mail_past_the_gate_is_scanned(make: Callable[[str], Office], source: str) -> None:
    with server(VIRUS) as place:
        row = make(clamav(place)).receive(mail(), source=source)
    assert (row["outcome"], row["class"]) == ("held", "virus")
    assert steps(row)["clamav"].startswith("Some.Virus (")
    assert json.loads(row["findings"])["scans"][0]["virus"] == "Some.Virus"


def test_import_is_history_and_not_scanned(make: Callable[[str], Office]) -> None:
    with server(VIRUS) as place:
        assert make(clamav(place)).receive(mail(), source="import")["outcome"] == "new_ticket"


def test_what_the_gate_scanned_is_not_scanned_again(make: Callable[[str], Office]) -> None:
    with server(VIRUS) as place:
        assert make(clamav(place)).receive(mail(), findings={"scans": []})["outcome"] == "new_ticket"


@pytest.mark.parametrize("policy", ["accept", "defer"])
def test_a_scanner_that_is_down_marks_polled_mail(make: Callable[[str], Office], tmp_path: Path, policy: str) -> None:
    office = make(clamav(f"unix:{tmp_path}/none", f'on_failure = "{policy}"\n'))
    row = office.receive(mail(), source="imap:box")
    assert row["outcome"] == "new_ticket"
    assert "unscanned" in office.entries(row["ticket_id"])[0].marks
    assert "No such file" in steps(row)["scanned"]


def test_in_the_reading_process_and_after_a_reload(make: Callable[[str], Office], tmp_path: Path) -> None:
    office = make(ACCOUNT)
    intake = Intake(office.store, office.config)
    office.config.general.parse_workers = 1
    intake = Intake(office.store, office.config)
    with server(VIRUS) as place:
        office.config.screen.clamav.enabled = True
        office.config.screen.clamav.address = place
        intake.reload(office.config)
        raws = [mail(subject=f"Number {number}").replace("\n", "\r\n").encode() for number in range(30)]
        envelope = Envelope("customer@example.org", ("support@help.example.com",))
        ids = [
            office.store.spool.submit(Incoming(envelope, "imap:box" if number % 2 else "import", raw)).result().message
            for number, raw in enumerate(raws)
        ]
        try:
            intake.run_waiting()
        finally:
            intake._pool.stop()
    assert [office.row(item)["class"] for item in ids] == ["normal", "virus"] * 15


@pytest.mark.parametrize(
    ("scans", "outcome", "class_", "marks"),
    [
        ([{"scanner": "rspamd", "score": 7.0, "action": "tag"}], "new_ticket", "normal", ["spam"]),
        ([{"scanner": "rspamd", "score": 12.0, "action": "hold"}], "held", "spam", []),
        ([{"scanner": "rspamd", "score": 22.0, "action": "reject"}], "held", "spam", []),
        ([{"scanner": "clamav", "virus": "X"}], "held", "virus", []),
        (
            [{"scanner": "rspamd", "score": 7.0, "action": "tag"}, {"scanner": "clamav", "error": "down", "unscanned": True}],
            "new_ticket", "normal", ["spam", "unscanned"],
        ),
        ([{"scanner": "spamassassin", "detail": "too large: not asked"}], "new_ticket", "normal", []),
    ],
)  # fmt: skip
def test_what_scans_mean(
    make: Callable[[str], Office], scans: list[dict[str, object]], outcome: str, class_: str, marks: list[str]
) -> None:
    office = make("")
    row = office.receive(mail(), findings={"scans": scans})
    assert (row["outcome"], row["class"]) == (outcome, class_)
    if outcome == "new_ticket":
        assert office.entries(row["ticket_id"])[0].marks == marks


def test_a_technician_that_the_mta_in_front_authenticated(make: Callable[[str], Office]) -> None:
    office = make(TRUSTED)
    office.receive(mail())
    tess = "Tess <tess@help.example.com>"
    office.receive(
        DMARC.format("pass", "help.example.com") + mail("Re: {1} #tech#", sender=tess), client=Client(ip="10.0.0.1")
    )
    office.receive(mail("Re: {1} #tech#", "not proven", sender=tess), client=Client(ip="10.0.0.1"))
    kinds = [entry.kind for entry in office.entries(1) if entry.kind != "event"]
    assert kinds == ["message", "note", "message"], "the second has no proof: no note, but a stranger's message"


def test_what_a_trusted_mta_found_counts_more_than_that_it_is_trusted(make: Callable[[str], Office]) -> None:
    office = make(TRUSTED)
    tess, mta = "Tess <tess@help.example.com>", Client(ip="10.0.0.1", trusted=True)
    assert steps(office.receive(mail(sender=tess), client=mta))["sender"].endswith(", authenticated")
    forged = DMARC.format("none", "help.example.com") + mail(sender=tess)
    assert "not authenticated" in steps(office.receive(forged, client=mta))["sender"]


def test_a_client_from_outside_cannot_write_its_own_results(make: Callable[[str], Office]) -> None:
    office = make(TRUSTED)
    tess = "Tess <tess@help.example.com>"
    row = office.receive(DMARC.format("pass", "help.example.com") + mail(sender=tess), client=OUTSIDE)
    assert "proof" not in steps(row)
    assert "not authenticated" in steps(row)["sender"]
    row = office.receive(DMARC.format("pass", "help.example.com") + mail(sender=tess), client=Client(ip="10.0.0.1"))
    assert steps(row)["sender"].endswith(", authenticated")
    assert steps(row)["proof"].startswith("dmarc pass mx.example.com says")


@pytest.mark.parametrize(("policy", "marks"), [("reject", ["spoofed"]), ("quarantine", ["spoofed"]), ("none", [])])
def test_a_failed_policy_marks_and_takes_the_standing(
    make: Callable[[str], Office], policy: str, marks: list[str]
) -> None:
    office = make("")
    office.receive(mail())
    results = {"authentication": {"dmarc": "fail", "policy": policy, "aligned": False, "detail": "x"}}
    row = office.receive(mail("Re: {1}", "again"), findings=results)
    entry = [entry for entry in office.entries(1) if entry.kind != "event"][-1]
    assert row["outcome"] == "reply"
    assert ("spoofed" in entry.marks, "non-subscriber" in entry.marks) == (bool(marks), bool(marks))
