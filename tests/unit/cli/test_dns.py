"""`mailgate dns`, against a name server of our own."""

from __future__ import annotations

from typing import Any

from tests.support.name_server import NameServer


def test_what_to_publish_and_what_is_published(shell: Any) -> None:
    with NameServer() as names:
        names.add("example.com", "TXT", "v=spf1 a:relay.example.com ~all")
        text = shell.config.read_text()
        shell.config.write_text(text.replace("[outgoing]", f'[screen]\nresolver = ["{names.address}"]\n[outgoing]', 1))
        address = shell.json("config", "show")["outgoing"]["from_address"]
        domain = address.partition("@")[2]
        names.add(domain, "TXT", "v=spf1 a:relay.example.com ~all")
        shell("dns", "--json", code=1)  # there is no DMARC record
        names.add(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=reject")
        told = shell.json("dns")
        assert [(one["purpose"], one["type"]) for one in told["records"]] == [("SPF", "TXT"), ("DMARC", "TXT")]
        assert [(one["purpose"], one["status"]) for one in told["checks"]] == [("SPF", "ok"), ("DMARC", "ok")]
        assert "the DMARC policy is reject" in shell("dns")


def test_offline_asks_nobody(shell: Any) -> None:
    lines = shell("dns", "--offline").splitlines()
    assert [line.split(" IN TXT ")[1][:8] for line in lines] == ['"v=spf1 ', '"v=DMARC']
    assert shell.json("dns", "--offline")["checks"] == []


def test_without_a_from_address(shell: Any) -> None:
    text = shell.config.read_text()
    lines = [line for line in text.splitlines() if not line.startswith("from_address")]
    shell.config.write_text("\n".join(lines))
    shell("dns", code=3)
    assert "from_address" in shell.err
