"""Articles as rows: versions, tags, the index, and words that are found in any form."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailgate.errors import NotFoundError
from mailgate.store import Store, articles, erasure, people, stemming
from mailgate.store.articles import ArticleFilter, NewArticle
from tests.support.knowledge import furnish

NEW = NewArticle("Reset your password", "Open the page.", 1, False, "en", ("account", "password"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path / "data")
    made.write(lambda tx: (people.add_category(tx, "General"), people.add_category(tx, "Staff", internal_only=1)))
    yield made
    made.close()


def add(store: Store, name: str = "password", new: NewArticle = NEW, author: int | None = None) -> int:
    return store.write(lambda tx: articles.add(tx, name, new, author))


def search(store: Store, text: str, public_only: bool = False) -> list[str]:
    with store.read() as db:
        return [one.name for one in articles.search(db, text, public_only)]


def test_what_was_written_is_read(store: Store) -> None:
    writer = store.write(lambda tx: people.add(tx, ["tess@example.com"], "Tess"))
    number = add(store, author=writer.id)
    with store.read() as db:
        one = articles.get(db, number)
        assert articles.named(db, "password") == articles.named(db, str(number)) == one
        assert articles.exist(db)
        with pytest.raises(NotFoundError, match="mailgate kb list"):
            articles.named(db, "vpn")
        with pytest.raises(NotFoundError):
            articles.named(db, "9" * 40)
    assert (one.title, one.text, one.tags, one.version) == (NEW.title, NEW.text, ["account", "password"], 1)
    assert (one.author, one.category, one.language, one.public) == ("Tess", "General", "en", True)


def test_nothing_is_overwritten(store: Store) -> None:
    writers = [store.write(lambda tx, n=n: people.add(tx, [f"{n}@example.com"], n)) for n in ("tess", "tom")]
    number = add(store, author=writers[0].id)
    with store.read() as db:
        first = articles.get(db, number)
    changed = replace(NEW, title="Set a new password", tags=("account",), internal=True)
    assert store.write(lambda tx: articles.change(tx, first, changed, writers[1].id)) == 2
    with store.read() as db:
        now = articles.get(db, number)
        kept = articles.versions(db, now)
        assert erasure.export(db, writers[1])["articles"][0]["title"] == "Set a new password"
    assert [(one.version, one.title, one.author, one.internal) for one in kept] == [
        (2, "Set a new password", "tom", True), (1, "Reset your password", "tess", False),
    ]  # fmt: skip
    assert kept[1].tags == ["account", "password"]
    assert (now.version, now.tags, now.created_at) == (2, ["account"], first.created_at)


def test_a_change_is_found_and_what_it_replaced_is_not(store: Store) -> None:
    number = add(store)
    with store.read() as db:
        one = articles.get(db, number)
    store.write(lambda tx: articles.change(tx, one, NewArticle("VPN", "Tünel kurun.", 1, False, "tr"), None))
    assert search(store, "password") == search(store, "account") == []
    assert search(store, "tunel") == search(store, "vpn") == ["password"]


def test_filters(store: Store) -> None:
    add(store, "a")
    add(store, "b", replace(NEW, internal=True, tags=()))
    add(store, "c", replace(NEW, category_id=2))

    def names(**wanted: object) -> list[str]:
        with store.read() as db:
            return [one.name for one in articles.select(db, ArticleFilter(**wanted))]  # type: ignore[arg-type]

    assert names() == ["a", "b", "c"]
    assert names(internal=True) == ["b", "c"]  # the second category is internal
    assert names(internal=False) == ["a"]
    assert names(category_id=2) == ["c"]
    assert names(tag="account") == ["a", "c"]
    assert names(limit=1) == ["a"]
    assert search(store, "password") == ["a", "c", "b"] or set(search(store, "password")) == {"a", "b", "c"}
    assert search(store, "password", public_only=True) == ["a"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("passwords", "password"), ("PASSWORD", "password"), ("resetting passwords", "password"),
        ("the password of my account", "password"), ("passw", "password"),
        ("yazıcı", "yazici"), ("YAZICI", "yazici"), ("yazici", "yazici"), ("yazıcıyı", "yazici"), ("yaziciyi", "yazici"),
        ("yazıcım çalışmıyor", "yazici"), ("İZİN", "izin"), ("izinlerim", "izin"), ("vpn'e bağlanamıyorum", "uzak-baglanti"),
        ("şifremi", "sifre"), ("sifre", "sifre"), ("Wi-Fi", "wifi"), ("PDF faturası", "fatura"),
    ],
)  # fmt: skip
def test_words_are_found_in_any_form(store: Store, typed: str, found: str) -> None:
    furnish(store)
    assert found in search(store, typed)


@pytest.mark.parametrize(
    "typed",
    ['"', "*", '" OR *', "NEAR(", "title_en: x", "{title_en} : (", "AND", "NOT", "a" * 10_000, "\x00", "-", "^x", "''", "😀",
     "\ud800", "(" * 500, "%", "﷽" * 300, "e\u0301" * 300],
)  # fmt: skip
def test_what_is_typed_is_never_syntax(store: Store, typed: str) -> None:
    furnish(store)
    search(store, typed)
    with store.read() as db:
        articles.candidates(db, stemming.words_of(typed), True)


def test_a_word_that_nothing_holds_finds_nothing(store: Store) -> None:
    furnish(store)
    assert search(store, "password zebra") == []
    assert search(store, "") == search(store, "?!") == []


def test_words_that_mean_nothing_are_only_asked_for_alone(store: Store) -> None:
    add(store, new=replace(NEW, text="how to"))
    assert search(store, "how can I please reset it") == ["password"]
    assert search(store, "how") == []  # they are not in the index


def test_the_index_of_one_article_is_bounded(store: Store) -> None:
    long = " ".join(f"word{number}" for number in range(20_000))
    add(store, new=replace(NEW, text=long))
    assert search(store, "word10") == ["password"]
    assert search(store, "word19999") == []


@pytest.mark.parametrize(
    ("language", "alike"),
    [
        ("en", "printer printers Printer's PRINTER"), ("en", "connect connected connecting connection"),
        ("tr", "yazıcı yazıcıyı yazıcım yazıcılar YAZICI"), ("tr", "iade iadesi iademi"), ("tr", "ürün ürünü ürünler"),
        ("tr", "izin izinler izinlerim"), ("tr", "kart kartım kartımı kartlar"), ("tr", "çalışmıyor çalışmadı çalışıyor"),
        ("tr", "hesap hesabım hesabı"), ("tr", "fatura faturamı faturaları"), ("tr", "sifre şifremi şifrenizi"),
    ],
)  # fmt: skip
def test_words_that_are_alike(language: str, alike: str) -> None:
    first, *others = [stemming.words_of(word)[0] for word in alike.split()]
    for other in others:
        assert set(stemming.forms(first, language)) & set(stemming.forms(other, language)), other


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The printer is on fire", "en"), ("Yazıcı yanıyor", "tr"), ("Yazici calismiyor, lutfen yardim", "tr"), ("", "en"),
        ("VPN", "en"), ("Bitte helfen Sie mir", "en"), ("Merhaba, how are you doing today? What is this?", "en"),
    ],
)  # fmt: skip
def test_the_language_is_found_out(text: str, language: str) -> None:
    assert stemming.language_of(text) == language


def test_terms_are_letters_and_digits_alone() -> None:
    odd = "O'Reilly’nin 0x80070005 naïve हिन्दी שלום e\u0301te\u0301 Straße ﬁle _x_ __ ... 12 İIıi"
    for language in ("en", "tr"):
        terms = [form for word in stemming.words_of(odd) for form in stemming.forms(word, language)]
        assert all(term.isalnum() for term in terms)
    assert stemming.forms("0x80070005", "tr") == ("0x80070005",), "a code has no stem"


def test_stems_do_not_depend_on_what_else_is_installed() -> None:
    """The package would take PyStemmer where there is one, and then index and questions could disagree."""
    program = (
        "import sys, types; fake = types.ModuleType('Stemmer'); sys.modules['Stemmer'] = fake\n"
        "fake.Stemmer = lambda name: 1 / 0; fake.algorithms = lambda: []\n"
        "from mailgate.store import stemming; print(*stemming.forms('printing', 'en'), *stemming.forms('yazıcıyı', 'tr'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["print", "yazic"]
