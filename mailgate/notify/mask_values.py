"""The value of every mask of outbound.md section 4.

Takes a `View`; gives text, or `Rich` where HTML differs from it. Promises: empty where there is no value; what the
readers may not see is not in any of them; text only ever comes out escaped in HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape, unescape

from mailgate.model import Entry, FieldValue, User, Visibility
from mailgate.notify import bodies, words
from mailgate.notify.bodies import Rich
from mailgate.notify.scene import MOST_LOOKED_AT
from mailgate.notify.view import View

Value = str | Rich
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/h\d|/li|/td)\b[^<>]{0,300}>", re.IGNORECASE)
_LONGEST_FIELDS = 100_000


def _what_happened(view: View) -> Value:
    """The seed's sentences, "Ticket closed" and "Ticket updated - [reply text]", where they say enough."""
    content = view.content
    if content is None or view.template == "new_ticket" or not content.text.strip():
        said_by_nobody = view.template == "closed" and view.content_entry is None
        return words.say(view.language, "closed") if said_by_nobody else view.headline
    hidden = view.content_entry is not None and not view.content_entry.public
    sentence = (
        view.headline if hidden else words.say(view.language, "closed" if view.template == "closed" else "updated")
    )
    return Rich(f"{sentence} - {content.text}", f"{escape(sentence)} - <div>{content.html}</div>")


def _what_happened_short(view: View) -> str:
    value = _what_happened(view)
    return view.short(value.text if isinstance(value, Rich) else value)


def _body(view: View) -> Value:
    entry = view.scene.first_entry
    if entry is None or not view.sees(entry):
        return ""
    if view.content_entry is not None and view.content_entry.id == entry.id and view.content is not None:
        return view.content
    return bodies.rich(entry, False, True, words.say(view.language, "image"))


def _names(people: Iterable[User]) -> str:
    return ", ".join(person.display for person in people)


def _addresses(people: Iterable[User]) -> str:
    return ", ".join(person.address for person in people if person.address)


def _first_name(view: View) -> str:
    return view.scene.requester.name.split()[0] if view.scene.requester and view.scene.requester.name.split() else ""


def _last_name(view: View) -> str:
    parts = view.scene.requester.name.split() if view.scene.requester else []
    return parts[-1] if len(parts) > 1 else ""


def _user_name(view: View) -> str:
    """In `welcome` the new user's; a person without a user name signs in with the address."""
    person = view.audience.readers[0] if view.template == "welcome" and view.audience.readers else view.scene.requester
    if person is None:
        return ""
    return person.username or (person.address if view.template == "welcome" else "")


def _of_requester(field: str) -> Callable[[View], str]:
    return lambda view: str(getattr(view.scene.requester, field, None) or "")


def _recent_messages(view: View, count: int = 5) -> Value:
    return _excerpts(view, view.entries(count))


def _most_recent_message(view: View) -> Value:
    return _excerpts(view, view.entries(1))


def _excerpts(view: View, entries: Iterable[Entry]) -> Value:
    items = [view.item(entry) for entry in entries]
    if not items:
        return ""
    note = words.say(view.language, "internal_note")
    stranger = words.say(view.language, "not_subscriber")
    heads = [
        f"{item.author}, {item.date}" + (f" ({note})" if item.internal else f" ({stranger})" if item.stranger else "")
        for item in items
    ]
    text = "\n\n".join(f"{head}\n{item.text}" for head, item in zip(heads, items, strict=True))
    html = "".join(
        f'<p style="margin:16px 0 4px 0"><b>{escape(head)}</b></p><div>{item.html}</div>'
        for head, item in zip(heads, items, strict=True)
    )
    return Rich(text, html)


def _custom_fields(view: View) -> str:
    """Public ones only, whoever reads; a ticket with very many is cut, so that no letter grows without bound."""
    lines: list[str] = []
    left = _LONGEST_FIELDS
    for found in view.field_values():
        if found.field.visibility != Visibility.PUBLIC:
            continue
        lines.append(_named(view, found))
        left -= len(lines[-1])
        if left < 0:
            return "\n".join([*lines[:-1], "[…]"])
    return "\n".join(lines)


def _custom_field(view: View, field_id: int, value_only: bool) -> str:
    """Also fields that are not public: the template's author asked for this one by its id.

    With its name in the reader's language (31.12.2026, evet); alone as it is stored, because it may be part of a link.
    """
    for found in view.field_values():
        if found.field.id == field_id:
            return found.value if value_only else _named(view, found)
    return ""


def _named(view: View, found: FieldValue) -> str:
    return f"{found.field.name}: {words.field_value(view.language, found)}"


def _file_list(view: View, entries: Iterable[Entry]) -> Value:
    found = view.files([entry for entry in entries if view.sees(entry)])
    if not found:
        return ""
    text = "\n".join(f"{item.filename} ({words.size(item.size, view.language)}): {link}" for item, link in found)
    html = "<br>\n".join(
        f'<a href="{escape(link)}">{escape(item.filename)}</a> ({words.size(item.size, view.language)})'
        for item, link in found
    )
    return Rich(text, html)


def _attachments(view: View) -> Value:
    return _file_list(view, reversed(view.scene.recent(MOST_LOOKED_AT)))


def _recent_attachments(view: View) -> Value:
    return _file_list(view, [view.content_entry] if view.content_entry is not None else [])


def _link(url: str, label: str = "") -> Value:
    return Rich(url, f'<a href="{escape(url)}">{escape(label or url)}</a>') if url else ""


def _unsubscribe(view: View) -> Value:
    return _link(view.unsubscribe_url, words.say(view.language, "unsubscribe"))


def _rating_links(view: View, prompt: str = "") -> Value:
    votes = view.rating
    if not votes:
        return ""
    asked, asked_html = _prompt(prompt.strip() or words.say(view.language, "rate"))
    text = asked + "\n" + "\n".join(f"{label}: {url}" for label, url in votes)
    html = " &nbsp; ".join(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in votes)
    return Rich(text, f"{asked_html}<br>\n{html}")


def _prompt(source: str) -> tuple[str, str]:
    """A prompt as text and as HTML. Where the template's author put tags into it they are the author's own, like the rest
    of the template: kept in HTML, left out of text."""
    if not _TAG.search(source):
        plain = unescape(source)
        return plain, escape(plain)
    return " ".join(unescape(_TAG.sub("", _BREAK.sub(" ", source))).split()), source


def _articles(view: View) -> Value:
    """Links to similar articles that the readers may see."""
    found = view.articles
    if not found:
        return ""
    text = "\n".join(f"{title}: {url}" for title, url in found)
    return Rich(text, "<br>\n".join(f'<a href="{escape(url)}">{escape(title)}</a>' for title, url in found))


def _ticket_time(view: View, field: str) -> str:
    return view.date(getattr(view.scene.ticket, field, None))


VALUES: dict[str, Callable[..., Value]] = {
    "What_Happened": _what_happened,
    "What_Happened_Short": _what_happened_short,
    "Category": lambda view: view.category,
    "Subject": lambda view: view.subject,
    "Priority": lambda view: view.priority,
    "Status": lambda view: view.status,
    "Body": _body,
    "TicketID": lambda view: str(view.ticket_id or ""),
    "Via": lambda view: words.word(view.language, "via", view.scene.ticket.via) if view.scene.ticket else "",
    "From": lambda view: view.requester,
    "FromEmail": lambda view: view.requester_address,
    "FirstName": _first_name,
    "LastName": _last_name,
    "UserName": _user_name,
    "Company": _of_requester("company"),
    "Department": _of_requester("department"),
    "Location": _of_requester("location"),
    "Originator": lambda view: view.originator,
    "URL": lambda view: _link(view.url),
    "Recipients": lambda view: _names(view.audience.readers),
    "Recent_messages": _recent_messages,
    "Most_recent_message": _most_recent_message,
    "Custom_Fields": _custom_fields,
    "CF": _custom_field,
    "Attachments": _attachments,
    "Recent_Attachments": _recent_attachments,
    "Technician": lambda view: view.technician,
    "TechnicianEmail": lambda view: view.scene.assignee.address if view.scene.assignee else "",
    "Date": lambda view: _ticket_time(view, "created_at"),
    "DueDate": lambda view: _ticket_time(view, "due_at"),
    "TimeSpent": lambda view: words.duration(view.language, view.scene.ticket.time_spent_s if view.scene.ticket else 0),
    "Suggested_KB_articles": _articles,
    "Subscribers": lambda view: _names(view.scene.subscribers),
    "SubscribersEmails": lambda view: _addresses(view.scene.subscribers),
    "NonTechSubscribers": lambda view: _names(person for person in view.scene.subscribers if not person.is_staff),
    "RatingLinks": _rating_links,
    "Unsubscribe": _unsubscribe,
}
