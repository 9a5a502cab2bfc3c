"""The example and the page about the configuration are current, complete and valid."""

import re
import tomllib
from pathlib import Path

import pytest

from mailgate.config import parse_config
from mailgate.config.example import Option, Section, example_text, markdown_text, sections
from mailgate.errors import ConfigError

ROOT = Path(__file__).parents[3]

# Of these, a configuration may hold one; the example shows all, so they are tried one after the other.
PASSWORDS = ("password", "password_file", "password_env", "password_credential")


def uncommented(text: str) -> str:
    """The example with every option in force; sentences (`# `) stay comments."""
    return re.sub(r"^#(?! |$)", "", text, flags=re.MULTILINE)


def all_options() -> list[tuple[Section, Option]]:
    return [(section, option) for section in sections() for option in section.options]


def test_the_example_file_is_current() -> None:
    assert (ROOT / "config.example.toml").read_text("utf-8") == example_text(), "run `make docs`"


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/configuration.md").read_text("utf-8") == markdown_text(), "run `make docs`"


def test_the_example_as_it_stands_changes_nothing() -> None:
    as_it_stands, empty = parse_config(example_text()), parse_config("")
    assert as_it_stands == empty


@pytest.mark.parametrize("password", PASSWORDS)
def test_the_example_parses_when_uncommented(password: str) -> None:
    others = "|".join(name for name in PASSWORDS if name != password)
    text = re.sub(rf"^({others}) = .*\n", "", uncommented(example_text()), flags=re.MULTILINE)
    without_oauth = re.sub(r"^\[account\.oauth\]\n(?:.+\n)*", "", text, flags=re.MULTILINE)
    config = parse_config(without_oauth)
    assert getattr(config.account[0], password)
    assert config.mailbox[0].address == "support@help.example.com"
    assert config.outgoing.oauth is not None


def test_the_example_parses_with_oauth_instead_of_a_password() -> None:
    text = re.sub(rf"^({'|'.join(PASSWORDS)}) = .*\n", "", uncommented(example_text()), flags=re.MULTILINE)
    oauth = parse_config(text).account[0].oauth
    assert oauth is not None
    assert oauth.client_secret_expires == "2027-01-31"


def test_the_example_holds_every_option_once_in_its_table() -> None:
    document = tomllib.loads(uncommented(example_text()))
    for section, option in all_options():
        table = document
        for part in section.place.split("."):
            table = table[part][0] if isinstance(table[part], list) else table[part]
        assert option.name in table, f"{section.place}.{option.name}"


@pytest.mark.parametrize(
    ("section", "option"), all_options(), ids=lambda item: getattr(item, "place", None) or item.name
)
def test_every_option_has_a_sentence(section: Section, option: Option) -> None:
    assert re.match(r"[A-Z`a-z].*[.)]$", option.sentence), f"{section.place}.{option.name}: {option.sentence!r}"
    assert section.doc.endswith(".")
    assert f"| `{option.name}` |" in markdown_text()


def test_defaults_are_shown_as_people_write_them() -> None:
    shown = {f"{section.place}.{option.name}": option.default for section, option in all_options()}
    assert shown["account.poll_interval"] == '"5m"'
    assert shown["smtp.max_size"] == '"50MB"'
    assert shown["smtp.listen"] == '["127.0.0.1:2525"]'
    assert shown["intake.subscribe_to_and_cc"] == "true"
    assert shown["retention.raw"] == '"0s"'
    assert shown["account.password"] is None
    assert shown["cli.as"] is None


def test_a_mistyped_option_of_the_example_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"smtp\.max_siz: unknown option; did you mean \"max_size\""):
        parse_config(uncommented('[smtp]\n#max_siz = "1MB"\n'))
