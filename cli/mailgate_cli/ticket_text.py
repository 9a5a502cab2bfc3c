"""Where the text and the files of a reply come from: `-m`, a file, standard input, or the editor.

Takes what the command line gave; gives text and attachments that are on disk. Promises: a text that was typed is never
lost: where sending it fails it is kept in a file that is named.
"""

from __future__ import annotations

import mimetypes
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailgate.errors import MailgateError, PermanentError, RefusedError
from mailgate.mail.names import safe_name
from mailgate_cli.output import warn
from mailgate_cli.text import safe, safe_lines
from mailgate_cli.verb import SPAN, WORDS

if TYPE_CHECKING:
    from mailgate.model import Entry
    from mailgate.store import Store, Tx
    from mailgate.store.entries import NewAttachment

F = TypeVar("F", bound=Callable[..., Any])
_PIECE = 1024 * 1024
_LONGEST = 1024 * 1024
_CUT = "------ write above this line; what is below is not sent ------"


def text_options(function: F) -> F:
    """`-m`, `--file` and `--attach`."""
    for option in (
        click.option("--attach", "files", metavar="FILE", multiple=True,
                     type=click.Path(exists=True, dir_okay=False, path_type=Path),
                     help="A file to attach; may be given several times."),
        click.option("--file", "file", metavar="FILE", type=click.Path(allow_dash=True, path_type=Path),
                     help="Read the text from a file; - is standard input."),
        click.option("-m", "--message", "message", metavar="TEXT", type=WORDS,
                     help="The text, Markdown. Without it: standard input, or $EDITOR on a terminal."),
    ):  # fmt: skip
        function = option(function)
    return function


def time_option(function: F) -> F:
    """`--time` of what takes time."""
    return click.option("--time", "spent", metavar="TIME", type=SPAN, help="Time spent, such as 15m.")(function)


def given_text(message: str | None, file: Path | None) -> str | None:
    """The text from `-m`, `--file` or standard input; None where the editor must be asked."""
    if message is not None and file is not None:
        raise click.UsageError("Give either -m or --file, not both.")
    if message is not None:
        return message
    if file is not None and str(file) != "-":
        with file.open("rb") as stream:
            return _decoded(stream.read(_LONGEST + 1), str(file))
    if file is not None or not sys.stdin.isatty():
        return _decoded(sys.stdin.buffer.read(_LONGEST + 1), "Standard input")
    return None


def _decoded(data: bytes, name: str) -> str:
    if len(data) > _LONGEST:
        raise RefusedError(f"{name} holds more than {_LONGEST // 1024} KB of text. Send it as a file with --attach.")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\x00", "")
    except UnicodeDecodeError:
        raise RefusedError(f"{name} is not UTF-8 text. Convert it first, for instance with: iconv -t utf-8") from None


def edited_text(log: Sequence[Entry], begun: str = "") -> str:
    """Asks the editor, with what is begun above a line and the latest public entries quoted below it."""
    quoted = "".join(_quoted(entry) for entry in list(log)[-5:][::-1])
    answer = click.edit(f"{begun}\n\n{_CUT}\n\n{quoted}", extension=".md", require_save=True)
    if answer is None:
        raise RefusedError("Nothing was written; nothing is sent.")
    return answer.partition(_CUT)[0].strip("\n")


def _quoted(entry: Entry) -> str:
    who = safe(entry.author_name or entry.author_address)
    lines = "\n".join(f"> {line}".rstrip() for line in safe_lines(entry.reply_text.strip("\r\n"))[:200])
    return f"{who} wrote:\n{lines}\n\n"


@contextmanager
def kept(text: str, typed: bool) -> Iterator[None]:
    """Where the block fails, a text that was typed in the editor is kept in a file, and the file is named."""
    try:
        yield
    except MailgateError:
        if typed and text.strip():
            descriptor, name = tempfile.mkstemp(prefix="mailgate-reply-", suffix=".md")
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            warn(f"mailgate: Your text is kept in {name}; send it with --file {name}")
        raise


def attach(store: Store, files: Sequence[Path], largest: int) -> Callable[[Tx], list[NewAttachment]]:
    """Reads files into the blob store; gives what makes their rows in a transaction. Raises RefusedError, TemporaryError."""
    from mailgate.store.entries import NewAttachment

    read = [(file, _stored(store, file, largest)) for file in files]

    def rows(tx: Tx) -> list[NewAttachment]:
        found = []
        for file, (blob, data) in read:
            sha256 = store.blobs.put(tx, data) if blob is None else store.blobs.register(tx, blob)
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            found.append(
                NewAttachment(
                    safe_name(os.fsencode(file.name).decode("utf-8", "replace")),
                    kind,
                    blob.size if blob else len(data),
                    sha256,
                )
            )
        return found

    return rows


def _stored(store: Store, file: Path, largest: int) -> tuple[Any, bytes]:
    """Small files as bytes, large ones as a blob that is on disk already."""
    with file.open("rb") as stream:
        head = stream.read(store.blobs.border + 1)
        if len(head) <= store.blobs.border:
            return None, head
        writer = store.blobs.writer()
        try:
            piece = head
            while piece:
                writer.write(piece)
                if writer.size > largest:
                    raise PermanentError(
                        f"{file} is too large to mail ({largest // 1024**2} MB is the limit, smtp.max_size)."
                    )
                piece = stream.read(_PIECE)
            return writer.commit(), b""
        except BaseException:
            writer.abort()
            raise


def read_stdin_line(question: str) -> str:
    """A secret from standard input: asked for on a terminal, else the first line."""
    if sys.stdin.isatty():
        answer: str = click.prompt(question, hide_input=True, confirmation_prompt=True)
        return answer
    return sys.stdin.readline().rstrip("\r\n")
