"""`mailgate kb import` and `export`: articles as Markdown files with a header.

Takes files and folders; gives articles, or a folder that holds them. Promises: importing twice changes nothing; faults are
named by file and line, and the other files are taken all the same; links, hidden files and what is no file are not
followed; nothing is written outside the folder of an export.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgate.desk import article_file
from mailgate.desk.article_file import ENDING, ArticleFile
from mailgate.desk.articles import add, change, prepare
from mailgate.errors import PermanentError, RefusedError, TemporaryError
from mailgate.store import articles
from mailgate.store.articles import ArticleFilter
from mailgate_cli.kb import category_id
from mailgate_cli.output import finding, say, warn
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe
from mailgate_cli.verb import WORDS, as_option, verb

if TYPE_CHECKING:
    from mailgate.model import User
    from mailgate.store import Store, Tx

_MOST_FILES = 10_000
_DEEPEST = 8


@dataclass(slots=True)
class _Found:
    """Files to import by their articles' names, and what is wrong with others."""

    files: dict[str, tuple[Path, ArticleFile]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    seen: int = 0


@verb("mailgate kb import articles/\nmailgate kb import articles/ --dry-run")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@as_option
@pass_session
def import_articles(session: Session, paths: tuple[Path, ...], dry_run: bool, as_: str | None) -> None:
    """Take articles from Markdown files and folders of them.

    The name of a file is the name of its article: a new one is added, one that is there is changed where the file says
    something else. Faulty files are named and left out; the exit code is 1 then.
    """
    found = _Found()
    for path in paths:
        _collect(path, found)
    done = _write(session, found, dry_run, as_)
    for fault in found.faults:
        warn(f"mailgate: {safe(fault)}")
    say(
        f"{'Nothing is written. It would be' if dry_run else 'Articles'}: {done['added']} added, {done['changed']} changed,"
        f" {done['same']} as they were; faults: {len(found.faults)}."
    )
    if found.faults:
        finding()


@verb("mailgate kb export articles/\nmailgate kb export public/ --public")
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@click.option("--category", metavar="CATEGORY", type=WORDS, help="Only articles of this category.")
@click.option("--public", "public", is_flag=True, help="Only what requesters may see.")
@pass_session
def export_articles(session: Session, folder: Path, category: str | None, public: bool) -> None:
    """Write articles to a folder, each as a Markdown file.

    `mailgate kb import` reads them back as they are. Other files of the folder stay.
    """
    with session.store.read() as db:
        wanted = ArticleFilter(category_id=category_id(db, category), internal=False if public else None)
        found = articles.select(db, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    for article in found:
        _place(folder, article.name, article_file.write(article).encode("utf-8", "replace"))
    say(f"{safe(folder)} holds {len(found)} article{'' if len(found) == 1 else 's'}.")


def _collect(path: Path, found: _Found) -> None:
    """A file by its own name, a folder's files by their names inside it."""
    if not path.is_dir():
        _take(path, path.name, found)
        return
    for file, name in _walk(path, "", 0, found):
        _take(file, name, found)


def _walk(folder: Path, inside: str, depth: int, found: _Found) -> Iterator[tuple[Path, str]]:
    """The Markdown files of a folder, sorted, without hidden ones."""
    with os.scandir(folder) as listed:
        entries = sorted(listed, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{inside}{entry.name}"
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth >= _DEEPEST:
                found.faults.append(f"{path}: lies deeper than {_DEEPEST} folders.")
                continue
            yield from _walk(path, f"{name}/", depth + 1, found)
        elif entry.name.lower().endswith(ENDING):
            yield path, name


def _take(path: Path, name: str, found: _Found) -> None:
    found.seen += 1
    if found.seen > _MOST_FILES:
        raise RefusedError(f"There are more than {_MOST_FILES} files. Import them in parts.")
    name = name[: -len(ENDING)] if name.lower().endswith(ENDING) else name
    shown = os.fsencode(path).decode("utf-8", "replace")
    if not article_file.is_name(name):
        found.faults.append(
            f"{shown}: cannot be the name of an article; use letters, digits and - _ . such as vpn-setup{ENDING}."
        )
        return
    if name in found.files:
        found.faults.append(f"{shown}: has the same name as {found.files[name][0]}.")
        return
    try:
        data = _bytes_of(path)
    except OSError as error:
        found.faults.append(f"{shown}: cannot be read: {error.strerror}.")
        return
    except PermanentError as error:
        found.faults.append(f"{shown}: {error}")
        return
    file, faults = article_file.read(data)
    found.faults += [f"{shown}:{fault.line}: {fault.sentence}." for fault in faults]
    if file is None:
        return
    if file.title is None:
        found.faults.append(f"{shown}:1: there is no title; begin the file with a header: ---, title: TEXT, ---.")
        return
    found.files[name] = (path, file)


def _bytes_of(path: Path) -> bytes:
    """A file's bytes, one more than may be. Raises PermanentError for links and what is no file, OSError."""
    if path.is_symlink():
        raise RefusedError("is a link; put the file itself there.")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise RefusedError("is no file.")
        return stream.read(article_file.LARGEST_FILE + 1)


def _write(session: Session, found: _Found, dry_run: bool, as_: str | None) -> dict[str, int]:
    """Writes each article in a transaction of its own, so that one that is refused takes no other with it."""
    store = session.store
    with store.read() as db:
        actor = session.actor(db, as_)
    default = session.config.intake.default_category
    run, close = _writer(store, dry_run)
    done = dict.fromkeys(("added", "changed", "same"), 0)
    try:
        for name, (path, file) in found.files.items():
            prepared = prepare(file)
            try:
                done[run(lambda tx, n=name, f=prepared: _written(tx, actor, n, f, default))] += 1
            except PermanentError as error:
                found.faults.append(f"{path}: {error}")
    finally:
        close()
        if not dry_run:
            session.settle()
    return done


def _writer(store: Store, dry_run: bool) -> tuple[Callable[[Callable[..., str]], str], Callable[[], None]]:
    """What runs a piece of work, and what ends it: the store's writer, or a rehearsal."""
    if not dry_run:
        return store.write, lambda: None
    from mailgate.store.rehearsal import Rehearsal

    rehearsal = Rehearsal(store)
    return rehearsal.run, rehearsal.close


def _written(tx: Tx, actor: User, name: str, file: ArticleFile, default: str | None) -> str:
    before = articles.find(tx, name)
    if before is None:
        add(tx, actor, file, name, default)
        return "added"
    return "changed" if change(tx, actor, before.id, file) else "same"


def _place(folder: Path, name: str, data: bytes) -> None:
    """Writes one file of an export: as a whole, and only below the folder. Raises TemporaryError, RefusedError."""
    target = folder
    for part in name.split("/")[:-1]:
        target /= part
        if target.is_symlink():
            raise RefusedError(f"{target} is a link; nothing is written through it. Export to another folder.")
        target.mkdir(exist_ok=True)
    target /= f"{name.rpartition('/')[2]}{ENDING}"
    draft = target.with_name(f".{os.getpid()}.writing")  # short: the target's name may be as long as names can be
    try:
        draft.unlink(missing_ok=True)
        with draft.open("xb") as stream:
            stream.write(data)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise TemporaryError(f"{target} cannot be written: {error.strerror}.") from error
