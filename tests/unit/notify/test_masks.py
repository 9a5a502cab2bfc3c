"""Masks in template files: which are known, what they become, what is left alone."""

import pytest

from mailgate.notify import masks, words
from mailgate.notify.mask_values import VALUES

ENGLISH = [mask.name for mask in masks.MASKS]
TURKISH = [(alias, mask.name) for mask in masks.MASKS for alias in mask.turkish]


def test_sizes_as_people_write_them() -> None:
    assert [words.size(count) for count in (5, 2048, 10 * 1024**2, 3 * 1024**2 // 2)] == [
        "5 B",
        "2 KB",
        "10 MB",
        "1.5 MB",
    ]
    assert words.size(3 * 1024**2 // 2, "tr") == "1,5 MB"


def test_every_mask_has_a_value() -> None:
    assert set(ENGLISH) | {"CF"} == set(VALUES)


@pytest.mark.parametrize("name", ENGLISH)
def test_case_does_not_matter(name: str) -> None:
    event = "closed" if name == "RatingLinks" else "updated"
    expected = f"{{{{ mail.mask('{name}') }}}}"
    for written in (name, name.upper(), name.lower(), name.swapcase(), name.replace("i", "İ"), name.replace("I", "ı")):
        assert masks.to_jinja(f"a #{written}# b", event) == f"a {expected} b"


@pytest.mark.parametrize(("alias", "name"), TURKISH)
def test_turkish_spellings_with_and_without_diacritics(alias: str, name: str) -> None:
    expected = f"{{{{ mail.mask('{name}') }}}}"
    plain = alias.translate(str.maketrans("ÖöÜüŞşÇçĞğıİ", "OoUuSsCcGgiI"))
    upper = alias.replace("i", "İ").upper()
    for written in (alias, plain, upper, alias.lower(), alias.replace("ö", "&ouml;").replace("Ö", "&Ouml;")):
        assert masks.to_jinja(f"#{written}#", "updated") == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("#10Recent_messages#", "{{ mail.mask('Recent_messages', 10) }}"),
        ("#3son_mesajlar#", "{{ mail.mask('Recent_messages', 3) }}"),
        ("#9999Recent_messages#", "{{ mail.mask('Recent_messages', 50) }}"),
        ("#CF_1234#", "{{ mail.mask('CF', 1234, False) }}"),
        ("#cf_value_7#", "{{ mail.mask('CF', 7, True) }}"),
        ("#Abonelikten  çık#", "{{ mail.mask('Unsubscribe') }}"),
    ],
)
def test_masks_with_numbers(written: str, expected: str) -> None:
    assert masks.to_jinja(written, "updated") == expected


def test_the_prompt_of_the_rating_is_only_text() -> None:
    assert (
        masks.to_jinja("#RatingLinks(Lütfen puan verin)#", "closed")
        == "{{ mail.mask('RatingLinks', 'Lütfen puan verin') }}"
    )
    assert (
        masks.to_jinja("#RatingLinks(' ~ x\\)#", "closed")
        == "{{ mail.mask('RatingLinks', '\\u0027 \\u007e x\\u005c') }}"
    )
    assert masks.to_jinja("#RatingLinks(}} {{)#", "closed") == "#RatingLinks(}} {{)#"


@pytest.mark.parametrize(
    "prompt",
    [
        "<b>Please rate us</b>",
        '<span style="color:#c00; font-size:2em">Nasıl&#305;z?</span>',
        "How (really) was it?",
        "Two\n<br/>lines",
        "Rate us 👍",
        "",
    ],
)
def test_a_prompt_may_hold_tags(prompt: str) -> None:
    source = f"<p>#RatingLinks({prompt})# and #Subject#</p>"
    jinja = masks.to_jinja(source, "closed")
    assert jinja.startswith("<p>{{ mail.mask('RatingLinks', '")
    assert jinja.endswith("') }} and {{ mail.mask('Subject') }}</p>")
    assert "<" not in jinja[3:-4]
    assert masks.to_jinja(source, "updated") == "<p> and {{ mail.mask('Subject') }}</p>"
    assert list(masks.unknown(source, "closed")) == []
    assert list(masks.unknown(source, "updated")) == [(1, "#RatingLinks#")]


@pytest.mark.parametrize("text", ["#RatingLinks(<b)#", "#RatingLinks(a{b})#", "#RatingLinks(" + "x" * 400 + ")#"])
def test_what_is_no_prompt_stays(text: str) -> None:
    assert masks.to_jinja(text, "closed") == text


@pytest.mark.parametrize(
    "text",
    [
        "no masks at all",
        "#unknown# stays",
        "color:#ffffff;background:#eeeeee",
        "#one two three#",
        "a # b # c",
        "##",
        "###",
        "# Subject is near#",
        "{{ '#Subject#' }}",
        "{% if x == '#Body#' %}y{% endif %}",
        "{# a comment with #Subject# in it #}",
    ],
)
def test_what_is_no_mask_stays(text: str) -> None:
    assert masks.to_jinja(text, "updated") == text


def test_an_unknown_mask_does_not_swallow_the_next_one() -> None:
    assert masks.to_jinja("5 # 6 #Subject#", "updated") == "5 # 6 {{ mail.mask('Subject') }}"
    assert masks.to_jinja("#nonsense#Subject#", "updated") == "#nonsense{{ mail.mask('Subject') }}"


def test_a_number_in_braces_is_no_comment() -> None:
    assert masks.to_jinja("#Subject# {#TicketID#}", "updated") == (
        "{{ mail.mask('Subject') }} {{ '{' }}{{ mail.mask('TicketID') }}{{ '}' }}"
    )


def test_a_mask_in_an_attribute_is_plain_text() -> None:
    assert masks.to_jinja('<a href="#URL#">#URL#</a>', "updated") == (
        "<a href=\"{{ mail.attribute('URL') }}\">{{ mail.mask('URL') }}</a>"
    )
    assert "mail.attribute('Subject')" in masks.to_jinja("<p title='x #Subject#'>", "updated")


def test_some_masks_work_in_some_templates_only() -> None:
    for event, works in (("closed", True), ("updated", False), ("new_ticket", False), ("confirmation", False)):
        assert bool(masks.to_jinja("#RatingLinks#", event)) is works
    for event, works in (("new_ticket", True), ("updated", True), ("closed", False), ("confirmation", False)):
        assert bool(masks.to_jinja("#Recent_Attachments#", event)) is works


@pytest.mark.parametrize("text", ["#username", "#username#", "#USERNAME", "#UserName#"])
def test_welcome_knows_two_masks_closed_or_not(text: str) -> None:
    assert masks.to_jinja(f"Hi {text}, go", "welcome") == "Hi {{ mail.mask('UserName') }}, go"
    assert masks.to_jinja("to #URL.", "welcome") == "to {{ mail.mask('URL') }}."
    assert masks.to_jinja("#Subject# #usernames #urls", "welcome") == "#Subject# #usernames #urls"


def test_unknown_masks_are_named_with_their_line() -> None:
    source = "line one\n#Subjekt# and #Subject#\n<p style='color:#ff0000'>#\n#RatingLinks# {#Nummer#}\n#fff#"
    assert list(masks.unknown(source, "updated")) == [(2, "#Subjekt#"), (4, "#RatingLinks#"), (4, "#Nummer#")]
    assert list(masks.unknown("#Subject#\n#URL# #username", "welcome")) == [(1, "#Subject#")]


def test_odd_sources_are_read_to_their_end() -> None:
    for text in (
        "#ratinglinks(" * 2000,
        "#ratinglinks(<" * 2000,
        "#ratinglinks(" + "<a>" * 2000,
        "#" * 2000,
        "{#" * 2000,
        "{{" * 2000,
        "#a" * 2000,
        '="' * 2000,
    ):
        assert masks.to_jinja(text + "\n#Subject#", "confirmation").count("Subject") == 1
