"""The new part of a reply: nothing is lost, doubt shows more, and hostile text costs no more than its size."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import reply, reply_attribution
from mailgate.mail.forward_line import LINES
from mailgate.mail.reply import split_reply
from mailgate.mail.reply_signature import is_mobile_line

QUOTE = "On Tue, Mar 14, 2023 at 9:05 AM Tom <tom@desk.example> wrote:\n\n> Hello\n> there"


def visible_lines(*texts: str) -> Counter[str]:
    return Counter(line.rstrip() for text in texts for line in text.split("\n") if line.strip())


def test_the_three_parts() -> None:
    parts = split_reply(f"Done.\n\n-- \nMary\n\n{QUOTE}\n")
    assert (parts.new, parts.signature, parts.quoted) == ("Done.", "-- \nMary", QUOTE)


def test_only_a_quotation_shows_everything() -> None:
    assert split_reply(QUOTE).new == QUOTE
    assert split_reply("").new == ""


def test_a_signature_alone_above_a_quotation_is_no_text() -> None:
    parts = split_reply(f"Sent from my iPhone\n\n{QUOTE}")
    assert (parts.new, parts.signature) == ("", "Sent from my iPhone")


def test_answers_between_quoted_lines_keep_their_questions() -> None:
    text = "On Monday 14 March 2023 Tom <tom@desk.example> wrote:\n> One?\nFirst.\n> Two?\nSecond."
    assert split_reply(text).new == text


@pytest.mark.parametrize(
    ("head", "quotation"),
    [
        ("", "On Monday 14 March 2023 Tom <tom@desk.example> wrote:\n> One?\n>\n> Tom"),
        ("Hi Tom,", "Tom wrote on 14/3/23 9:05 AM:\n> One?"),
        ("Hi Tom,", "Tom <tom@desk.example> writes:\n\nTD> One?\nTD>> Two?"),
        ("", "> On 14 Mar 2023, at 09:05, Tom <tom@desk.example> wrote:\n> \n> One?"),
        ("", "> -----Original Message-----\n> From: Tom <tom@desk.example>\n> Subject: One\n>\n> One?"),
        ("Sure.", "Tom wrote:\n| One?"),
        ("", '>>>>> "TD" == Tom Dow <tom@desk.example> writes:\n\n    TD> One?'),
    ],
)
def test_an_answer_below_the_one_introduced_quotation_is_the_new_part(head: str, quotation: str) -> None:
    parts = split_reply(f"{head}\n\n{quotation}\n\nFirst.\nSecond.\n\n-- \nMary")
    assert parts.new == f"{head}\n\nFirst.\nSecond.".strip()
    assert parts.quoted == quotation
    assert parts.signature == "-- \nMary"


@pytest.mark.parametrize(
    "text",
    [
        "> One?\n\nYes.",
        "You said\n\n> One\n\nand that is wrong.",
        "My colleague\nwrote:\n> One\nI do not think so.",
        "Use x > y.\n>> is an operator.",
        "Shown by the server:\n\nReceived: from a\nFrom: a@b.example\nTo: c@d.example\nSubject: x\n\nWhy?",
        "Order:\n\nFrom: A Ltd.\nTo: B Ltd.\nDate: 05.03.2024\nSubject: Toner\n\nPlease pay.",
        "My file\n\n[mail]\nfrom: a@b.example\nto: c@d.example\nsubject: test\n\nIs it right?",
        "Room: 12\nFrom: Anna\nTo: IT\nDate: 05.03.2024\nSubject: Toner\n\nPlease bring it.",
        "Sign here\n\n____________\nname\n\nThis is the form.",
        "One\n\n---\n\nTwo\n\n---\nThree",
    ],
)
def test_what_the_writer_shows_stays(text: str) -> None:
    assert split_reply(text).new == text


def test_answers_that_are_said_to_stand_in_the_history_keep_it() -> None:
    history = "From: Tom <tom@desk.example>\nSent: Monday, 14 March 2023 09:05\nTo: Mary\nSubject: One\n\nOne? Yes."
    assert split_reply(f"See my answers below in red.\n\n{history}").quoted == ""
    assert split_reply(f"Meine Antworten stehen unten.\n\n{history}").quoted == ""
    assert split_reply(f"Please see below.\n\n{history}").new == "Please see below."


@pytest.mark.parametrize(
    "notice",
    [
        "This e-mail is confidential and intended solely for the addressee. If you have received it in error, please\n"
        "notify the sender and delete it.",
        "NOTICE\n\nThe information contained in this message is privileged and for the intended recipient only.\n\nIf it "
        "reached you by mistake, any disclosure is prohibited.\n\nPlease consider the environment before printing.",
        "*************************\nDiese E-Mail ist vertraulich und nur für den Empfänger bestimmt. Haben Sie sie irrtümlich "
        "erhalten, vernichten Sie sie bitte.\n*************************",
    ],
)
def test_a_legal_notice_is_folded_away(notice: str) -> None:
    assert split_reply(f"Yes.\n\nMary\n\n{notice}").new == "Yes.\n\nMary"
    below = split_reply(f"Yes.\n\nTom <tom@desk.example> wrote:\n> One?\n\n{notice}")
    assert (below.new, below.signature) == ("Yes.", notice)


@pytest.mark.parametrize(
    "text",
    [
        "I sent you this message by mistake, it is confidential. Please delete it and do not notify the intended recipient,\n"
        "my boss would not like it at all.",
        "When an e-mail reaches the wrong recipient in error, who has to delete it?",
        "Please keep this message confidential.",
    ],
)
def test_who_speaks_of_confidence_writes_no_notice(text: str) -> None:
    assert split_reply(f"Hello,\n\n{text}").new == f"Hello,\n\n{text}"


@pytest.mark.parametrize(
    "header",
    [
        "Tom <tom@desk.example> on 03/05/2001 10:11:12 AM\n\nTo:   Mary/BUD/ACME@ACME\ncc:\n\nSubject:  One",
        "[image: hide details]Tom ---05.03.2013 10:11:12---One, and more\n\nVon: Tom\nAn: Mary\nBetreff: One",
        "             Tom                                             \n"
        "             <tom@desk.example>                              \n"
        "                                                          To \n"
        "             03/05/2008 10:11          Mary                  \n"
        "             AM                                           cc \n"
        "                                                     Subject \n"
        "                                       One                   ",
    ],
)
def test_the_headers_of_notes(header: str) -> None:
    assert split_reply(f"Works.\n\nMary\n\n\n\n{header}\n\n\nOne?").new == "Works.\n\nMary"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Tue, Mar 5, 2024 at 10:11 AM Tom <tom@desk.example> wrote:\n\n> One?",
        "On Tue, Mar 5, 2024 at 10:11 AM Tom <tom@desk.example> wrote: > One? > Two?",
        "Am 05.03.2024 um 10:11 schrieb Tom <tom@desk.example>:\n> One?",
    ],
)
def test_an_attribution_behind_other_words_parts_its_line(attribution: str) -> None:
    for text in (f"Yes.{attribution}", f"Yes. {attribution}"):
        parts = split_reply(text)
        assert (parts.new, parts.quoted) == ("Yes.", attribution)
    bold = split_reply(f"Yes.\n\n*{attribution}")
    assert bold.new == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        "As Tom says: On Tue, Mar 5, 2024 at 10:11 AM Tom <tom@desk.example> wrote: one. Is it true?",
        "We met. On Tue, Mar 5, 2024 at 10:11 AM we wrote to tom@desk.example: he has gone.",
        "Gestern. Am 05.03.2024 schrieb tom@desk.example mir:\nnichts.",
    ],
)
def test_a_sentence_that_only_resembles_an_attribution_stays(text: str) -> None:
    assert split_reply(text).new == text


def test_a_signature_that_the_html_marks_is_found_behind_its_links() -> None:
    html = (
        '<div>Done.</div><div class="gmail_signature">Mary<br><a href="https://desk.example/x">Site</a> '
        '<img alt="logo" src="x"></div>'
    )
    parts = split_reply("Done.\n\n*Mary*\nSite <https://desk.example/x> [image: logo]", html)
    assert (parts.new, parts.signature.split("\n")[0]) == ("Done.", "*Mary*")
    assert split_reply("Done.\n\nMartha", html).new == "Done.\n\nMartha"


def test_html_decides_only_where_the_text_is_silent() -> None:
    html = '<div>Yes</div><div class="gmail_quote">Sêşem nivîsî Tom<div>Please send.</div></div>'
    assert split_reply("Yes\nSêşem nivîsî Tom\nPlease send.", html).new == "Yes"
    assert split_reply("Yes\nOther words", html).new == "Yes\nOther words"


def test_a_wish_with_labels_is_no_history() -> None:
    text = "Please book:\n\nFrom: Berlin\nTo: Paris\nDate: 3 May 2027\n\nThank you"
    assert split_reply(text).new == text


def test_html_that_quotes_everything_hides_nothing() -> None:
    html = '<blockquote type="cite">Only these words</blockquote>'
    assert split_reply("Only these words", html).new == "Only these words"


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "iPhone'umdan gönderildi",
        "iPhone’umdan gönderildi",
        "Von meinem iPad gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi Samsung Galaxy",
        "Get Outlook for Android<https://aka.ms/ghei36>",
        "Sent from Mail for Windows",
        "Sent from Yahoo Mail for iPhone",
        "Отправлено с iPhone",
        "iPhoneから送信",
        "发自我的iPhone",
        "나의 iPhone에서 보냄",
        "Gesendet von Outlook für Android",
    ],
)
def test_lines_that_programs_add(line: str) -> None:
    assert is_mobile_line(line)
    assert split_reply(f"Done.\n\n{line}").signature == line


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my desk, which is easier",
        "I sent it from my phone.",
        "Sent from the warehouse yesterday",
        "Gesendet wurde es gestern",
        "İmzalı belge dün gönderildi",
        "Enviado ayer por correo postal",
    ],
)
def test_sentences_are_no_signature(line: str) -> None:
    assert split_reply(f"Hello\n\n{line}").new == f"Hello\n\n{line}"


PIECES = st.sampled_from(
    [
        *(
            "Hello there",
            "",
            "> quoted",
            ">> twice",
            "-- ",
            "--",
            "Mary",
            "_" * 30,
            "Sent from my iPhone",
            "-Mary",
            "| bar",
        ),
        *(
            "On Tue, Mar 14, 2023 at 9:05 AM",
            "Tom <tom@desk.example> wrote:",
            "On 14 March 2023 T <t@d.example> wrote:",
        ),
        *("From: Tom <t@d.example>", "Sent: Tuesday 2023", "To: Mary", "Subject: x", "-----Original Message-----"),
        *(
            "## Please reply above this line ##",
            "---------- Forwarded message ---------",
            "\t",
            "*From:* x",
            "Tom wrote:",
        ),
        *("iPhone'umdan gönderildi", "14 Mar 2023 Sal, 09:05 tarihinde şunu yazdı:", "\u200b", "a: b", ">From x", "\r"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=40), max_size=40), st.booleans())
def test_nothing_is_lost(lines: list[str], with_html: bool) -> None:
    text = "\n".join(lines).replace("\r\n", "\n")
    html = f'<div class="gmail_quote">{text}</div><div class="gmail_signature">Mary</div>' if with_html else None
    parts = split_reply(text, html)
    assert visible_lines(parts.new, parts.quoted, parts.signature) == visible_lines(text)
    for part in (parts.new, parts.quoted, parts.signature):
        assert part == part.rstrip()
    if parts.quoted and not parts.new:
        assert parts.signature


@given(st.text(alphabet=st.sampled_from(list("On wrote:<>@.-_|*\n \t1230：")), max_size=300))
def test_any_text_can_be_split(text: str) -> None:
    parts = split_reply(text)
    assert visible_lines(parts.new, parts.quoted, parts.signature) == visible_lines(text)


@pytest.mark.parametrize(
    "line",
    [
        *("On Monday 14 March 2023 10:00", "On 2023 a@b.example wrote:", "From: a@b.example", "To: a@b.example,"),
        *("a@b.example 2023 wrote:\n> x\ny", "---- abc def ----", "Date: 2023", "x:"),
    ],
)
def test_the_number_of_close_looks_is_bounded(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile text has thousands of lines that could introduce a quotation: only some hundred are weighed."""
    looks = Counter[str]()
    weigh, read = reply_attribution._is_attribution, reply.read_block

    def counted_weigh(whole: str, folded: str, *, opens: bool) -> bool:
        looks["weigh"] += 1
        return weigh(whole, folded, opens=opens)

    def counted_read(lines: list[str], start: int, *, author: bool = True) -> object:
        looks["read"] += 1
        return read(lines, start, author=author)

    monkeypatch.setattr(reply_attribution, "_is_attribution", counted_weigh)
    monkeypatch.setattr(reply, "read_block", counted_read)
    split_reply("Hello\n" + f"{line}\n" * 5000)
    assert looks["weigh"] <= 16 * reply.CANDIDATES
    assert looks["read"] <= 2 * reply.CANDIDATES


def test_lines_beyond_the_limit_follow_their_predecessor() -> None:
    text = "Hello\n" + "> a\n" * (LINES + 5)
    assert split_reply(text).new == "Hello"
    long = "Hello\n" + "word\n" * (LINES + 5) + QUOTE
    assert split_reply(long).quoted == ""


@pytest.mark.parametrize(
    "banner",
    [
        "CAUTION: This email originated from outside of the organization. Do not click links unless you know the sender.\n",
        "This email originated from outside our company.\nDo not click on links or open attachments.\n",
        "CAUTION: This email originated from outside of the organization.\nDo not click on links.\n",
        "[EXTERNAL EMAIL]\n",
        "*** External ***",
        "----------\nWARNING: external sender. Think before you click.\n----------",
        "You don't often get email from mary@acme.example. Learn why<https://aka.ms/Learn>",
        "EXTERNE E-MAIL: Vorsicht bei Links!\n",
        "DİKKAT: Bu e-posta kurum dışından gelmiştir.\n",
    ],
)
def test_the_banner_of_a_gateway_is_folded_away(banner: str) -> None:
    parts = split_reply(f"{banner}\nHello,\nyes.\n\n{QUOTE}")
    assert (parts.new, parts.quoted) == ("Hello,\nyes.", QUOTE)
    assert split_reply(banner).new == banner.strip()


@pytest.mark.parametrize(
    "text",
    [
        "We get a warning: this email originated from outside. Can you remove it?",
        "External email does not work any more, attachments are lost.",
        "Caution: the external mail server is down",
        "[External hard disk]",
        "Warning: external disk fails",
        "External: the new disk",
        "Please do not click on the external link below.",
    ],
)
def test_who_speaks_of_what_is_external_writes_no_banner(text: str) -> None:
    assert split_reply(f"{text}\n\nMary").new == f"{text}\n\nMary"
