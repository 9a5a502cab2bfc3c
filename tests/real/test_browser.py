"""The requester's pages in a real browser: clicked through in both languages and two sizes, light and dark.

Needs Chromium (Debian: chromium, chromium-driver). Pictures of every page go to the folder that MAILGATE_PICTURES names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailgate.desk import articles as acts
from mailgate.desk.article_file import ArticleFile
from mailgate.store import requests as asked
from mailgate.store import tickets
from mailgate.web.words import say
from tests.support.browser import Chromium, is_installed
from tests.support.web_site import PASSWORD, WebSite

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not is_installed(), reason="Chromium is not installed: apt-get install chromium chromium-driver"
    ),
]
LOOKS = [
    ("en", 375, 800, False), ("en", 1280, 900, True), ("tr", 375, 800, True), ("tr", 1280, 900, False),
]  # fmt: skip
_FAULTS = """
const faults = [];
const named = e => (e.labels && e.labels.length) || e.getAttribute('aria-label') || e.type === 'hidden';
for (const e of document.querySelectorAll('input, textarea, select')) if (!named(e)) faults.push('no label: ' + e.name);
for (const e of document.querySelectorAll('button, a')) if (!e.innerText.trim()) faults.push('no words: ' + e.outerHTML);
for (const e of document.querySelectorAll('img')) if (!e.alt) faults.push('no alt: ' + e.src);
for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby]'))
  for (const n of ((e.getAttribute('aria-describedby') || '') + ' ' + (e.getAttribute('aria-labelledby') || '')).split(/ +/))
    if (n && !document.getElementById(n)) faults.push('no such id: ' + n);
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
if (new Set(ids).size !== ids.length) faults.push('an id twice: ' + ids);
if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
let level = 0;
for (const h of document.querySelectorAll('h1, h2, h3, h4')) {
  const n = Number(h.tagName[1]);
  if (n > level + 1 && !h.closest('.words')) faults.push('heading skipped: ' + h.innerText);
  level = n;
}
const wide = document.documentElement.scrollWidth;
if (wide > innerWidth) faults.push('wider than the window: ' + wide);
for (const e of document.querySelectorAll('button, .button, .vote'))
  if (e.getBoundingClientRect().height < 24) faults.push('too small to touch: ' + e.innerText);
if (!document.title || !document.documentElement.lang) faults.push('no title or language');
return faults;
"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    made = WebSite(tmp_path)
    yield made
    made.close()


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _checker(chromium: Chromium, language: str, name: str) -> Callable[[str], None]:
    """Looks at the page that is open: structure, language, complaints; takes its picture where that is wanted."""
    folder = os.environ.get("MAILGATE_PICTURES")

    def check(page: str) -> None:
        assert chromium.script(_FAULTS) == [], page
        assert chromium.script("return document.documentElement.lang") == language
        complaints = [line for line in chromium.complaints if "Failed to load resource" not in line]
        assert complaints == [], page
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            chromium.picture(Path(folder) / f"{name}-{page}.png")

    return check


@pytest.mark.parametrize(
    ("language", "width", "height", "dark"),
    LOOKS,
    ids=[f"{la}-{w}-{'dark' if d else 'light'}" for la, w, _, d in LOOKS],
)
def test_every_page(
    site: WebSite, chromium: Chromium, tmp_path: Path, language: str, width: int, height: int, dark: bool
) -> None:
    site.add_file("Teknik şartname – çok uzun bir dosya adı ile birlikte.pdf", b"%PDF" * 20_000, "application/pdf")
    site.add_entry(
        "message", "subscriber", "It smokes: https://example.com/" + "long/" * 40 + "\n\nCaren wrote:\n> Use water",
        reply_text="It smokes: https://example.com/" + "long/" * 40,
    )  # fmt: skip
    chromium.look(width, height, dark, language)
    check = _checker(chromium, language, f"{language}-{width}-{'dark' if dark else 'light'}")
    home = f"http://{site.address}"
    chromium.go(home + "/sign-in")
    chromium.forget()

    _sign_in(chromium, home, check)
    _answer(site, chromium, tmp_path, check, language)
    _close_and_rate(site, chromium, check, language)
    _links_in_mail(site, chromium, home, check, language)
    _articles(site, chromium, home, check, language)


def _sign_in(chromium: Chromium, home: str, check: Callable[[str], None]) -> None:
    chromium.go(home + "/t/1")
    check("1-sign-in")
    chromium.type("#who", "requester@example.com")
    chromium.type("#password", "not the password")
    chromium.follow("button.main")
    check("2-wrong")
    assert chromium.script("return document.activeElement.className") == "problem", "the fault is read first"
    chromium.type("#password", PASSWORD)
    chromium.follow("button.main")
    assert chromium.url == home + "/t/1"
    chromium.follow("nav a")
    check("3-list")
    chromium.follow(".list a")


def _answer(site: WebSite, chromium: Chromium, folder: Path, check: Callable[[str], None], language: str) -> None:
    check("4-ticket")
    chromium.follow("#answer-heading ~ form button.main")
    check("5-empty")
    assert say(language, "empty") in chromium.text
    sent = folder / "ekran görüntüsü.txt"
    sent.write_bytes(b"what I see")
    chromium.type("#text", "Still smoking. Hâlâ tütüyor.")
    chromium.type("#files", str(sent), clear=False)
    chromium.follow("#answer-heading ~ form button.main")
    check("6-answered")
    assert say(language, "done_replied") in chromium.text
    entry = site.entries()[-1]
    assert (entry.text, entry.attachments[0].filename, entry.attachments[0].size) == (
        "Still smoking. Hâlâ tütüyor.", "ekran görüntüsü.txt", 10,
    )  # fmt: skip


def _close_and_rate(site: WebSite, chromium: Chromium, check: Callable[[str], None], language: str) -> None:
    chromium.follow(".acts form button")
    check("7-closed")
    assert site.ticket().is_closed
    chromium.click(".vote.good")
    chromium.type("#comment", "Thank you!")
    chromium.follow("#rate-heading ~ form button.main")
    check("8-rated")
    closed_at = site.ticket().closed_at
    assert closed_at is not None
    with site.store.read() as db:
        row = asked.rating(db, 1, closed_at)
    assert row is not None
    assert (row["vote"], row["comment"]) == ("good", "Thank you!")
    chromium.follow(".acts form button.link")
    check("9-left")
    assert say(language, "done_unsubscribed") in chromium.text
    chromium.follow("nav form button")
    check("10-signed-out")


def _links_in_mail(site: WebSite, chromium: Chromium, home: str, check: Callable[[str], None], language: str) -> None:
    requester, subscriber = site.person("requester"), site.person("subscriber")
    chromium.go(home + _path(site.links.ticket(1, requester)))
    assert chromium.url == home + "/t/1", "the token has left the address"
    chromium.follow("nav form button")
    chromium.go(home + _path(site.links.rating(1, requester, site.ticket().closed_at or 0.0, "bad")))
    check("11-rate")
    chromium.follow("button.main")
    check("12-thanks")
    chromium.go(home + _path(site.links.unsubscribe(1, subscriber)))
    check("13-leave")
    chromium.follow("button.main")
    check("14-off")
    with site.store.read() as db:
        assert not tickets.is_subscriber(db, 1, subscriber.id)
    chromium.go(home + "/forgot")
    check("15-forgot")
    chromium.type("#who", "requester@example.com")
    chromium.follow("button.main")
    check("16-look-at-your-mail")
    chromium.go(home + _path(site.links.password(requester)))
    check("17-new-password")
    chromium.type("#password", "another good one")
    chromium.type("#again", "another good one")
    chromium.follow("button.main")
    assert chromium.url == home + "/"
    check("18-signed-in")
    chromium.go(home + "/nothing")
    check("19-nothing")
    assert say(language, "error_404") in chromium.text


ARTICLE = """# Yazıcıda kâğıt sıkışması

Ön kapağı açın ve kâğıdı *yavaşça* çekin. Daha fazlası: https://example.com/%s

# Then

1. Close the door
2. Print `a page`

| Light | What it means |
| :---: | --- |
| green | ready |
| red | call 0 (555) 123 |

```
%s
```

> ![A picture](https://pictures.example/printer.png) of it <script>alert(1)</script>
"""


def _articles(site: WebSite, chromium: Chromium, home: str, check: Callable[[str], None], language: str) -> None:
    """A public article for everybody; an internal one after signing in, with the way back to it."""
    technician = site.person("technician")
    text = ARTICLE % ("long/" * 40, "x" * 300)
    title = "Yazıcıda kâğıt sıkışması"
    public, internal = (
        site.store.write(lambda tx, i=i: acts.add(tx, technician, ArticleFile(text, title, internal=i)).id)
        for i in (False, True)
    )
    chromium.go(home + "/sign-in")
    chromium.forget()
    chromium.go(home + f"/kb/{public}")
    check("20-article")
    assert not chromium.has(".words img, .words script")
    assert chromium.script("return document.querySelector('h1').lang") == "tr"
    assert say(language, "for_technicians") not in chromium.text
    chromium.go(home + f"/kb/{internal}")
    assert say(language, "sign_in") in chromium.text
    chromium.type("#who", "technician@example.com")
    chromium.type("#password", PASSWORD)
    chromium.follow("button.main")
    assert chromium.url == home + f"/kb/{internal}"
    check("21-internal-article")
    assert say(language, "for_technicians") in chromium.text


def test_it_works_with_the_keyboard_alone(site: WebSite, chromium: Chromium) -> None:
    chromium.look(1280, 900, False, "en")
    chromium.go(f"http://{site.address}/sign-in")
    chromium.forget()
    chromium.go(f"http://{site.address}/sign-in")
    reached = []
    for _ in range(4):
        chromium.press("\ue004")
        reached.append(
            chromium.script(
                "const e = document.activeElement; return [e.id || e.className, getComputedStyle(e).outlineStyle]"
            )
        )
    assert reached == [["skip", "solid"], ["who", "solid"], ["password", "solid"], ["main", "solid"]]
