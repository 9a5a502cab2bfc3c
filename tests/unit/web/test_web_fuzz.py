"""Whatever a stranger sends: an answer that is no fault of ours, and nothing changed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgate.web.files import disposition
from mailgate.web.headers import client_address, is_clean
from mailgate.web.sessions import Sessions
from mailgate.web.words import LANGUAGES, preferred
from tests.support.web_site import Browser, WebSite

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.sampled_from(["token", "text", "seen", "act", "vote", "comment", "who", "password", "to", "files", "k"])
TOKENS = st.one_of(st.text(max_size=60), st.from_regex(r"[A-Za-z0-9_.-]{0,120}", fullmatch=True))


@pytest.fixture
def visitor(site: WebSite) -> tuple[WebSite, Browser, str]:
    browser = site.browser()
    browser.sign_in("requester")
    return site, browser, browser.get("/t/1").token


@given(text=st.text(max_size=300))
def test_readers_of_strangers_words_never_fail(text: str) -> None:
    assert Sessions([b"key"]).read(text) is None
    assert preferred(text, "en") in LANGUAGES
    assert client_address("127.0.0.1", [text], ["127.0.0.1"])
    made = disposition(text)
    assert made.isascii()
    assert is_clean(made)


@QUICK
@given(
    body=st.binary(max_size=400),
    kind=st.sampled_from(["multipart/form-data; boundary=b", "text/x", "multipart/form-data"]),
)
def test_any_body_gets_an_answer(visitor: tuple[WebSite, Browser, str], body: bytes, kind: str) -> None:
    site, browser, _ = visitor
    for path in ("/t/1/reply", "/t/1/close", "/sign-in", "/forgot"):
        assert 300 <= browser.ask("POST", path, b"--b\r\n" + body, {"Content-Type": kind}).status < 500
    assert len(site.entries()) == 2


@QUICK
@given(fields=st.dictionaries(NAMES, st.text(max_size=80), max_size=6))
def test_any_fields_get_an_answer(visitor: tuple[WebSite, Browser, str], fields: dict[str, str]) -> None:
    _, browser, token = visitor
    for path in ("/t/1/rate", "/forgot", "/r/x/good"):
        page = browser.post(path, {**fields, "token": token})
        assert page.status < 500, (path, page.words)


@QUICK
@given(token=TOKENS)
def test_any_token_gets_an_answer(visitor: tuple[WebSite, Browser, str], token: str) -> None:
    from urllib.parse import quote

    site, _, _ = visitor
    bare = quote(token, safe="")
    for path in (f"/t/1?k={bare}", f"/a/1?k={bare}", f"/u/{bare}", f"/r/{bare}/good", f"/password/{bare}", f"/{bare}"):
        assert site.browser().get(path).status < 500
        assert site.browser().post(path, {"act": "once", "vote": "good"}).status < 500
    assert len(site.entries()) == 2
