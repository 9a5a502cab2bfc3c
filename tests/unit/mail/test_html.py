"""HTML as text, HTML made safe, and HTML made small."""

from __future__ import annotations

import pytest

from mailgate.mail.html import html_to_text, sanitise
from mailgate.mail.html_guard import guard_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("a<br><br>b", "a\n\nb"),
        ("<b>a</b> <i>b</i>c", "a bc"),
        ("  a \n  b  ", "a b"),
        ("a&nbsp;b &lt;x&gt;", "a b <x>"),
        ("<div style='white-space: pre-wrap'>a\n  b</div>\n<p>c\nd</p>", "a\n  b\n\nc d"),
        ("<div style='white-space:pre-wrap'>\n<p>a</p>\n<p>b</p>\n</div>", "a\n\nb"),
        ("<p>a</p><p>&nbsp;</p><p>&nbsp;</p><p>&nbsp;</p><p>b</p>", "a\n\n\nb"),
        ("<div style='max-height:0px;overflow:hidden'>a</div><i style='opacity:0'>b</i>c", "c"),
        ("<div style='max-height:0'>a</div><i style='opacity: 0.5'>b</i>", "a\nb"),
        ("<td style='font-size:0px'><div style='font-size:13px'>a</div></td>", "a"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "- a\n- b\n  - c\n\nd"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ("<ul><li><p>a</p></li></ul>", "- a"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n> > b\n\nc"),
        ("<pre>a  b\n c</pre>", "a  b\n c"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d"),
        ("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>", "a | b"),
        ("<table><tr><td></td><td>a</td></tr></table>", "a"),
        ("<a href='http://x.example/'>x.example</a>", "x.example"),
        ("<a href='http://x.example/a'>here</a>.", "here <http://x.example/a>."),
        ("<a href='mailto:a@x.example'>a@x.example</a>", "a@x.example"),
        ("<a href='mailto:a@x.example'>Ayse</a>", "Ayse <a@x.example>"),
        ("<a href='javascript:x'>here</a>", "here"),
        ("<a href='#top'>top</a>", "top"),
        ("<img alt='Logo' src=x>", "[Logo]"),
        ("<img src=x>", ""),
        ("<p style='DISPLAY : none'>x</p><p hidden>y</p>z", "z"),
        ("<head><title>t</title></head><style>s</style><script>j</script>b", "b"),
        ("<!-- c --><!--[if mso]>m<![endif]--><![if !mso]>w<![endif]>", "w"),
        ("<h1>T</h1>x<hr>y", "T\n\nx\n----------\ny"),
        ("<div>a</div><div>-- </div><div>me</div>", "a\n-- \nme"),
        ("\u200ba\u200b\ufeffb", "ab"),
        ("", ""),
        ("<", "<"),
        ("<p class=MsoNormal>a<p class=MsoNormal>b", "a\nb"),
    ],
)
def test_html_to_text(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000, "<blockquote>x" * 50_000, "<li>x" * 50_000, "<table><tr><td>x" * 30_000, "<!--" * 50_000,
        "<a " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x", "<p><b>" * 50_000, "<" * 300_000, "<style>" * 50_000,
        "<a x='" * 50_000, "<svg><math>" * 30_000, "</p>" * 100_000, "<ul><li>" * 50_000,
    ],
)  # fmt: skip
def test_hostile_documents_end(html: str) -> None:
    assert len(html_to_text(html)) <= len(html) * 10
    assert len(sanitise(html)) <= len(html) * 6


def test_text_has_a_limit() -> None:
    assert len(html_to_text("<p>0123456789</p>" * 5000, limit=1000)) < 1100


def test_the_guard_leaves_small_documents_alone() -> None:
    assert guard_html("<p onclick=x>a<!-- c -->") == "<p onclick=x>a<!-- c -->"


def test_the_guard_keeps_the_words_of_large_documents() -> None:
    html = "<!doctype html><style>s</style><!-- c -->" + "<p class='a>b' onclick=\"x\">1 < 2 &amp; <b>b</b></p>" * 3000
    guarded = guard_html(html)
    assert guarded.startswith('<p class="a>b">1 &lt; 2 &amp; <b>b</b></p>')
    assert "onclick" not in guarded
    assert html_to_text(html).count("1 < 2 & b") == 3000


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
        "<a href='data:text/html,alert(1)'>x</a>", "<svg onload=alert(1)>", "<math><mtext><script>alert(1)</script>",
        "<iframe src='//alert'></iframe>", "<form action='//alert'><input></form>", "<style>@import 'alert'</style>",
        "<p style='background:url(//alert)'>x</p>", "<p style='width:expression(alert(1))'>x</p>",
        "<link rel=stylesheet href=//alert>", "<meta http-equiv=refresh content='0;url=//alert'>", "<base href=//alert>",
        "<object data=alert>", "<embed src=alert>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>", "<a href='jAvA\tscript:alert(1)'>x</a>",
    ],
)  # fmt: skip
def test_nothing_active_is_left(html: str) -> None:
    clean = sanitise(f"<p>before {html} after</p>")
    assert "alert(1)</script>" not in clean
    for active in (
        "<script",
        "onerror=",
        "onload=",
        "javascript:",
        "<svg",
        "<math",
        "<iframe",
        "<form",
        "<style",
        "url(",
        "expression",
    ):
        assert active not in clean.lower().replace("&lt;", "")
    assert "before" in clean


def test_remote_images_are_named_and_not_loaded() -> None:
    clean = sanitise('<img src="http://x.example/a.png" alt="a"><img src="//x.example/b"><img src="cid:c1">')
    assert ' src="http' not in clean
    assert 'data-remote-src="http://x.example/a.png"' in clean
    assert ' src="//' not in clean
    assert 'src="cid:c1"' in clean


def test_a_sender_cannot_set_the_remote_name() -> None:
    assert "data-remote-src" not in sanitise('<img data-remote-src="http://x.example/a">')


def test_links_open_without_opener() -> None:
    assert 'rel="noopener noreferrer"' in sanitise("<a href='https://x.example'>x</a>")


def test_styles_keep_what_is_harmless() -> None:
    clean = sanitise("<p style='color: red; position: fixed; top: 0'>x</p>")
    assert "color" in clean
    assert "position" not in clean
