"""Where the forwarder's words end and the original's text begins, round a block of header lines.

Takes the lines of a text and the block in it; gives the note above it, the text below it, the whole of a broken subject.
Promises: linear time, never raises; a line that a mail program wrote above its own block is no part of the note.
Standards: none.
"""

from __future__ import annotations

from mailgate.mail.fold import squeeze
from mailgate.mail.forward_block import unquote
from mailgate.mail.forward_line import Block, bare, header_line, is_rule, marker_kind
from mailgate.mail.mail_words import CC, FROM, SUBJECT, TO, names_forward, names_original
from mailgate.mail.message import Address
from mailgate.mail.reply_attribution import attribution_person, attribution_start, ends_attribution, plain

_LIFTED = 12  # lines that a program writes above its block, at most


def _lifted(lines: list[str], block: Block, sender: Address) -> int:
    """The first line that belongs to the block: what is glued to its top, an introduction that names the same author."""
    top = block.note_end
    for _ in range(_LIFTED):
        if top == 0 or not _is_glued(lines, top - 1, block):
            break
        top -= 1
    above = top
    while above and top - above < 3 and not bare(lines[above - 1]):
        above -= 1
    if not above:
        return top
    line = plain(lines[above - 1])
    word = squeeze(line.rstrip(":："))
    if len(word) <= names_original(word) + 4 and names_original(word):  # QQ Mail: "Original Email"
        return above - 1
    if "@" in line and names_forward(word) and word.startswith("forwarded by"):  # Becky!
        return above - 1
    if line and ends_attribution(line):  # Yahoo: "--- On Mon, 2/1/10, Jane <jane@example.com> wrote:"
        start = attribution_start(lines[max(0, above - 5) : above], min(5, above) - 1)
        if start is not None:
            first = max(0, above - 5) + start
            person = attribution_person(" ".join(lines[first:above]))
            if person is not None and person.address.lower() == sender.address.lower():
                return first
    return top


def _is_glued(lines: list[str], index: int, block: Block) -> bool:
    """A header line right above, or, where the block is quoted, any line of the same quotation."""
    line = bare(lines[index])
    if not line or is_rule(line):
        return False
    if block.quoted:
        return lines[index].lstrip()[:1] == ">"
    found = header_line(line)
    return found is not None and found[0] != FROM


def body_split_off(block: Block, lines: list[str], full: str) -> list[str]:
    """The lines, where block and text stand in one line: the text cut off behind the last address or the known subject."""
    kind = list(block.values)[-1]
    value = block.values[kind]
    if block.end != block.start + 1 or len(block.values) < 4:
        return lines
    if kind == SUBJECT:
        cut = len(full) if full and value.startswith(f"{full} ") else len(value)
    else:
        cut = value.rfind(">") + 1 if kind in (TO, CC) and "<" in value else len(value)
    if cut >= len(value):
        return lines
    block.values[kind] = value[:cut].rstrip()
    return [*lines[: block.end], value[cut:].strip(), *lines[block.end :]]


def complete_subject(block: Block, lines: list[str], full: str) -> None:
    """A subject that was broken over lines at the end of the block, where the forward's own subject proves it."""
    subject = " ".join(block.values.get(SUBJECT, "").split())
    if not subject or list(block.values)[-1] != SUBJECT:
        return
    for _ in range(5):
        following = " ".join(bare(lines[block.end]).split()) if block.end < len(lines) else ""
        longer = f"{subject} {following}"
        if not following or not (full == longer or full.startswith(longer + " ")):
            return
        subject = block.values[SUBJECT] = longer
        block.end += 1


def note_above(lines: list[str], block: Block, sender: Address) -> str:
    """The forwarder's words, without the lines and dashes that belong to the block below."""
    end = _lifted(lines, block, sender)
    while end and (not lines[end - 1].strip() or is_rule(lines[end - 1])):
        end -= 1
    return "\n".join(line.rstrip() for line in lines[:end]).strip()


def body_below(lines: list[str], block: Block) -> str:
    """The original's text: below the block, without quote marks where all of it is quoted, without closing markers."""
    start, end = block.end, len(lines)
    while start < end and (not lines[start].strip() or _closes(lines[start])):
        start += 1
    end = _before_blanks(lines, start, end)
    if end > start and _closes(lines[end - 1], dashed=block.marker == "forwarded"):
        end = _before_blanks(lines, start, end - 1)
    body = lines[start:end]
    if block.quoted or all(line.lstrip()[:1] == ">" for line in body if line.strip()):
        body = unquote(body)
    first = 0
    while first < len(body) and not body[first].strip():
        first += 1
    return "\n".join(body[first:]).rstrip()


def _before_blanks(lines: list[str], start: int, end: int) -> int:
    while end > start and not bare(lines[end - 1]):
        end -= 1
    return end


def _closes(line: str, *, dashed: bool = False) -> bool:
    """A line of dashes, or one that says again between dashes that a message is (or was) forwarded."""
    kind = marker_kind(line)
    bare_line = bare(line)
    if bare_line.startswith("===8<"):  # The Bat!
        return True
    if kind in ("rule", "dashed"):
        return kind == "rule" or dashed
    if kind in ("forwarded", "original"):
        return bare_line[:2] in ("--", "==", "__", "**", "~~")
    return len(bare_line) >= 3 and set(bare_line) <= {"-"}
