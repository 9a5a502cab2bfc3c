"""Notes of absence, acknowledgements and closed mailboxes that nothing but their sentences give away."""

from __future__ import annotations

import pytest

from mailgate.mail.autoreply import find_automatic
from mailgate.mail.autoreply_desk_words import RECEIVED
from mailgate.mail.autoreply_sentences import kinds_told
from mailgate.mail.autoreply_shape import shape
from mailgate.mail.message import Address, Header, HeaderField, ParsedMessage

QUOTED = "\n\nOn Tue, Mar 14, 2023 at 9:00 AM Support <support@example.org> wrote:\n> When can we come?\n"


def kind(
    text: str, subject: str = "Re: Printer", author: str = "Berta Klein <berta@customer.example>", **fields: str
) -> str | None:
    name, _, address = author.rpartition(" <")
    header = Header([HeaderField(key.replace("_", "-"), value.encode()) for key, value in fields.items()])
    message = ParsedMessage(header=header, from_=[Address(name, address.rstrip(">"))], subject=subject, text=text)
    found = find_automatic(message, "berta@customer.example")
    return found.kind if found else None


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until Monday. Please contact info@customer.example.",
        "Hello,\n\nI'm off the grid until the 9th. I'll reply when I return.\n\nBerta",
        "Ich bin bis 2. September verreist und kann Ihre Mail erst danach beantworten.\nHerzliche Grüße\nBerta",
        "Jestem na urlopie do 31.07. W tym czasie zastępuje mnie Anna: anna@biuro.example",
    ],
)
def test_an_answer_that_says_nothing_else(text: str) -> None:
    assert kind(text) == "auto_reply"
    assert kind(text, User_Agent="Mozilla Thunderbird") is None


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until Monday. Tuesday would be fine.",
        "I am at a conference until Thursday. My colleague Bea has the laptop, she knows the password. Call her at 555-0102.",
        "I am out of the office until Monday. Please contact Bea, bea@customer.example." + QUOTED,
        "Thank you for your message. I'll discuss it with my boss when I'm back in the office on Monday.",
        "Bob commented: I am out of the office, please contact Carl.",
        "The system will be unavailable on Monday. Mail will be delayed.",
    ],
)
def test_people_say_more(text: str) -> None:
    assert kind(text) is None


def test_nobody_writes_of_himself_in_the_third_person() -> None:
    text = "{} no longer works here. Please contact info@customer.example."
    assert kind(text.format("Berta Klein"), subject="Hello") == "auto_reply"
    assert kind(text.format("Karl Weber"), subject="Hello") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Your request has been received. We will answer within 2 business days.", "auto_reply"),
        ("Ihre Nachricht hat uns erreicht. Wir melden uns in den nächsten zwei Werktagen.", "auto_reply"),
        ("Talebiniz alınmıştır. En kısa sürede dönüş yapılacaktır.", "auto_reply"),
        ("We have received your order and will ship it as soon as possible.", None),
        ("We have received your message. Two parts are broken, please send new ones.", None),
        ("Thank you for contacting us. The error comes from an old driver. Install version 5.", None),
    ],
)
def test_offices_acknowledge(text: str, expected: str | None) -> None:
    assert kind(text, author="Support <support@customer.example>") == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("X_Vendor_Autoreply", "yes", "auto_reply"),
        ("X_Vendor_Autoreply", "no", None),
        ("X_No_Autoreply", "yes", None),
        ("X_Suppress_Auto_Response", "All", None),
    ],
)
def test_fields_that_are_called_so(name: str, value: str, expected: str | None) -> None:
    assert kind("The printer is broken.", **{name: value}) == expected


def test_campaigns_are_called_autoresponders_too() -> None:
    assert kind("News", X_Vendor_Autoresponder="7", List_Id="<news.shop.example>") == "bulk"


def test_sentences_end_where_one_begins() -> None:
    kinds = {"a": lambda words: "away" in words, "b": lambda words: "mail" in words}
    assert kinds_told("I am away until 19.8. at noon. Send mail!\n\nKind regards\nThe printer is broken", kinds) == [
        {"a"},
        {"b"},
    ]
    assert kinds_told("I am away. The printer is broken now.", kinds) is None


def test_shapes_keep_their_escapes() -> None:
    assert shape(r"ticket \S+ opened").search("ticket #12 opened")
    assert RECEIVED.search("wir haben ihre e-mail erhalten")


@pytest.mark.parametrize(
    "text",
    [
        "I'm on holiday until 15 August. We will pay the invoice when I return.",
        "I am on vacation until Monday, I'll sign the contract when I get back.",
        "Ich bin bis 15.8. im Urlaub. Die Rechnung bezahlen wir nach meiner Rückkehr.",
        "Je suis en vacances jusqu'au 15. Je paierai la facture à mon retour.",
        "15 Ağustos'a kadar izindeyim. Faturayı dönüşümde öderim.",
        "Я в отпуске до 15-го. Акт подпишу после возвращения.",
        "15日まで休暇です。請求書は戻り次第お支払いします。",
        "Thank you for your message. I am on vacation until Monday and will test it when I return.",
        "Vielen Dank für Ihre Nachricht. Ich bin bis Montag im Urlaub und werde den Vertrag nach meiner Rückkehr unterschreiben.",
    ],
)
def test_what_people_put_off_until_they_are_back_is_the_matter_and_no_letter(text: str) -> None:
    assert kind(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I'm on holiday until 15 August and will answer your message when I return.",
        "Sehr geehrte Damen und Herren,\n\nich bin bis 15.8. im Urlaub. Ihre Nachricht wird nicht weitergeleitet.",
        "V době od 1. do 14. 8. nejsem v kanceláři. Vaši zprávu vyřídím po návratu.",
        "Thank you for your message. I am on vacation until Monday and will reply when I return.",
    ],
)
def test_letters_that_wait_are_a_note(text: str) -> None:
    assert kind(text) == "auto_reply"


def test_a_mail_program_that_answers_by_rule_says_so_itself() -> None:
    text = (
        "Bonjour,\n\nJe suis actuellement absent du bureau et serai de retour le 12 août. Votre message ne sera pas transféré."
        " Pour toute urgence, veuillez contacter accueil@client.example."
    )
    assert kind(text, X_Mailer="Microsoft Outlook 15.0") is None
    assert kind(text + "\n\nCeci est un message automatique.", X_Mailer="Microsoft Outlook 15.0") == "auto_reply"


@pytest.mark.parametrize(
    "text",
    [
        "Karen is out sick today. Please contact Bob at bob@customer.example for the keys.",
        "I'm out of the office now but on my mobile 555-0101.",
        "Bugün ofiste değilim, cepten ulaşabilirsiniz: 0532 123 45 67.",
        "I'm traveling with limited access to the VPN, that is why the login fails.",
        "My email address has changed, please use eva@customer.example from now on. The printer still does not work.",
    ],
)
def test_colleagues_telephones_and_the_matter_in_hand_are_peoples(text: str) -> None:
    assert kind(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Berta Klein is out sick today. Please contact Bob at bob@customer.example.",
        "Die Praxis ist bis zum 10.4. geschlossen. Die Vertretung hat Dr. Kern, Tel. 0711 55501.",
        "I'm traveling with limited access to email.",
        "My email address has changed. Please use eva@customer.example from now on.",
    ],
)
def test_mailboxes_say_it_of_their_owner(text: str) -> None:
    assert kind(text) == "auto_reply"


def test_a_long_history_below_hides_no_acknowledgement_and_a_long_letter_is_none() -> None:
    said = "Dear customer,\n\nthank you for your message. We have received your request and opened ticket 4711.\n"
    said += "We will answer within 24 hours.\n"
    desk = "Support <support@hosting.example>"
    long = said + "This is an automatic reply.\n" + QUOTED + "> and so on, for long\n" * 1000
    assert kind(long, author=desk, Precedence="bulk") == "auto_reply"
    assert kind(said, subject="Ticket 4711", author=desk) == "auto_reply"
    letter = said + "Your contract says on this page what follows from it, and on the next one too.\n" * 200
    assert kind(letter, subject="Ticket 4711", author=desk) is None
