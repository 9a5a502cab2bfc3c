"""The knowledge base by command: written, read, searched, exchanged as files, used in replies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mailgate.store import events, outbox

FILE = """---
title: Reset your password
category: General
tags: account
---

Open the *sign-in* page.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    (made / "tr").mkdir(parents=True)
    (made / "password.md").write_text(FILE)
    (made / "tr/yazici.md").write_text("---\ntitle: Yazıcıda kâğıt\nvisibility: internal\n---\nÖn kapağı açın.\n")
    return made


def counts(text: str) -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part))) for part in text.replace(";", ",").split(","))


def test_an_article_is_added_and_shown(shell: Any) -> None:
    said = shell(
        "kb", "add", "--title", "VPN from home", "--tag", "remote", "--tag", "network", "-m", "Start the client."
    )
    assert said == 'Article 1 "VPN from home" is added.\n'
    shown = shell("kb", "show", "1")
    assert "Start the client." in shown
    assert "network, remote" in shown
    assert shell("kb", "show", "vpn-from-home") == shown
    (listed,) = shell.json("kb", "list")
    assert listed == {
        "id": 1, "name": "vpn-from-home", "title": "VPN from home", "category": {"id": 1, "name": "General"},
        "tags": ["network", "remote"], "visibility": "public", "language": "en", "version": 1, "author": listed["author"],
        "created_at": listed["created_at"], "updated_at": listed["updated_at"], "url": "http://127.0.0.1:8025/kb/1",
    }  # fmt: skip
    assert shell.json("kb", "show", "1")["text"] == "Start the client."


def test_a_file_with_a_header_and_options_that_say_more(shell: Any, folder: Path) -> None:
    shell("kb", "add", "--file", folder / "password.md", "--internal", "--name", "pw")
    found = shell.json("kb", "show", "pw")
    assert (found["title"], found["visibility"], found["tags"]) == ("Reset your password", "internal", ["account"])
    shell("kb", "add", stdin=FILE.encode())
    assert shell.json("kb", "show", "2")["title"] == "Reset your password"


def test_an_article_is_edited_and_its_history_kept(shell: Any) -> None:
    shell("kb", "add", "--title", "VPN", "-m", "Old.")
    assert "is changed" in shell("kb", "edit", "1", "-m", "New.", "--as", "caren@example.com")
    assert "is changed" in shell("kb", "edit", "vpn", "--title", "VPN from home", "--internal", "--tag", "x")
    assert "says that already" in shell("kb", "edit", "vpn", "--title", "VPN from home")
    now = shell.json("kb", "show", "1")
    assert (now["title"], now["text"], now["visibility"], now["tags"]) == ("VPN from home", "New.", "internal", ["x"])
    kept = shell.json("kb", "show", "1", "--versions")
    assert [(one["version"], one["title"], one["text"]) for one in kept] == [
        (3, "VPN from home", "New."), (2, "VPN", "New."), (1, "VPN", "Old."),
    ]  # fmt: skip
    assert kept[1]["author"] == "Caren Çelik"
    assert shell.json("kb", "show", "1", "--version", "1")["text"] == "Old."
    assert "no version 9" in shell_err(shell, "kb", "show", "1", "--version", "9")
    assert len(shell("kb", "show", "1", "--versions").splitlines()) == 3
    shell("kb", "edit", "1", "--tag", "")
    assert shell.json("kb", "show", "1")["tags"] == []


def shell_err(shell: Any, *words: object, code: int = 1, stdin: bytes = b"") -> str:
    shell(*words, code=code, stdin=stdin)
    return str(shell.err)


def test_the_whole_file_is_edited(shell: Any, folder: Path) -> None:
    shell("kb", "add", "--file", folder / "password.md")
    whole = shell("kb", "show", "1", "--markdown")
    assert whole == FILE.replace("tags: account\n", "tags: account\nvisibility: public\nlanguage: en\n")
    shell("kb", "edit", "1", stdin=whole.replace("sign-in", "login").replace("public", "internal").encode())
    now = shell.json("kb", "show", "1")
    assert (now["text"], now["visibility"]) == ("Open the *login* page.", "internal")
    wrong = whole.replace("visibility", "visibilty").encode()
    assert 'Line 5: there is no field "visibilty"' in shell_err(shell, "kb", "edit", "1", stdin=wrong)


def test_a_text_that_begins_like_a_header_stays_where_options_alone_change(shell: Any) -> None:
    shell("kb", "add", "--title", "x", "-m", "---\ntitle: y\n---\n\n---\nno: header\n---\nend")
    text = shell.json("kb", "show", "1")["text"]
    shell("kb", "edit", "1", "--title", "z")
    assert shell.json("kb", "show", "1")["text"] == text


def test_the_editor(shell: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell("kb", "add", "--file", folder / "password.md")
    script = tmp_path / "editor"
    script.write_text(
        f"#!{sys.executable}\nimport sys\np = sys.argv[1]\nt = open(p).read()\n"
        "t = t.replace('sign-in', 'first').replace('title: \\n', 'title: Typed\\n')\nopen(p, 'w').write(t + 'End.\\n')\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(script))
    monkeypatch.setattr("mailgate_cli.kb_write.given_text", lambda message, file: message)
    shell("kb", "edit", "1")
    assert shell.json("kb", "show", "1")["text"] == "Open the *first* page.\nEnd."
    shell("kb", "add", "--tag", "t")
    made = shell.json("kb", "show", "2")
    assert (made["title"], made["text"], made["tags"]) == ("Typed", "End.", ["t"])


def test_what_was_typed_is_kept_where_it_is_refused(
    shell: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else changes the article while the editor is open."""
    shell("kb", "add", "--file", folder / "password.md")
    script = tmp_path / "editor"
    script.write_text(
        f"#!{sys.executable}\nimport subprocess, sys\nopen(sys.argv[1], 'a').write('Mine.')\n"
        f"subprocess.run([{sys.executable!r}, '-c', 'from mailgate_cli.main import run; run()', '--config',"
        f" {str(shell.config)!r}, 'kb', 'edit', '1', '-m', 'Theirs.', '--as', 'caren@example.com'], check=True,"
        " stdout=subprocess.DEVNULL)\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(script))
    monkeypatch.setattr("mailgate_cli.kb_write.given_text", lambda message, file: message)
    told = shell_err(shell, "kb", "edit", "1")
    assert 'Caren Çelik has changed "Reset your password" since you looked' in told
    kept = Path(told.partition("kept in ")[2].partition(";")[0])
    assert "Mine." in kept.read_text()
    kept.unlink()
    assert shell.json("kb", "show", "1")["text"] == "Theirs."
    shell("kb", "edit", "1", "--anyway")
    assert "Mine." in shell.json("kb", "show", "1")["text"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("kb", "show", "7"), 1, "There is no article"),
        (("kb", "edit", "7", "-m", "x"), 1, "There is no article"),
        (("kb", "add", "-m", "x"), 1, "needs a title"),
        (("kb", "add", "--title", "x", "-m", " "), 1, "there is no text"),
        (("kb", "add", "--title", "x", "-m", "x", "--category", "none"), 1, "There is no category"),
        (("kb", "add", "--title", "x", "-m", "x", "--name", "../x"), 1, "cannot be the name"),
        (("kb", "add", "--title", "x", "-m", "x", "--language", "de"), 2, "'de' is not one of"),
        (("kb", "list", "--category", "none"), 1, "There is no category"),
        (("kb", "import", "/nowhere/at/all"), 2, "does not exist"),
        (("kb", "export", "x", "--category", "none"), 1, "There is no category"),
        (("kb", "show", "1", "--versions", "--markdown"), 2, "--versions"),
        (("ticket", "reply", "1", "--article", "7"), 1, "There is no article"),
    ],
)
def test_what_is_refused(shell: Any, words: tuple[str, ...], code: int, told: str) -> None:
    assert told in shell_err(shell, *words, code=code)


def test_search(shell: Any, folder: Path) -> None:
    shell("kb", "import", folder)
    assert [one["name"] for one in shell.json("kb", "search", "passwords")] == ["password"]
    assert [one["name"] for one in shell.json("kb", "search", "KAGIT", "yaziciyi")] == ["tr/yazici"]
    assert shell.json("kb", "search", "yazıcı", "--public") == []
    assert shell("kb", "search", '"') == "Nothing is found.\n"
    assert [one["name"] for one in shell.json("kb", "list", "--internal")] == ["tr/yazici"]
    assert [one["name"] for one in shell.json("kb", "list", "--tag", "account")] == ["password"]


# -- files -------------------------------------------------------------------------------------------------------------


def test_importing_twice_is_importing_once(shell: Any, folder: Path) -> None:
    assert counts(shell("kb", "import", folder)) == (2, 0, 0, 0)
    assert counts(shell("kb", "import", folder)) == (0, 0, 2, 0)
    (folder / "password.md").write_text(FILE.replace("sign-in", "login"))
    assert counts(shell("kb", "import", folder, "--dry-run")) == (0, 1, 1, 0)
    assert counts(shell("kb", "import", folder)) == (0, 1, 1, 0)
    assert shell.json("kb", "show", "password")["version"] == 2
    assert [one["version"] for one in shell.json("kb", "list")] == [2, 1]
    with shell.store().read() as db:
        kinds = [event.kind for event in events.waiting(db)]
    assert kinds == [], "the command has let the reactor hear of them"


def test_a_dry_run_writes_nothing(shell: Any, folder: Path) -> None:
    assert counts(shell("kb", "import", folder, "--dry-run")) == (2, 0, 0, 0)
    assert shell.json("kb", "list") == []


def test_export_then_import_gives_the_same(shell: Any, folder: Path, tmp_path: Path) -> None:
    shell("kb", "import", folder)
    shell("kb", "add", "--title", '"Quoted" [x] # y', "--tag", "a b", "-m", "---\ntitle: y\n---\n\n---\nstill: text\n---",
          "--name", "deep/er/odd name (2)")  # fmt: skip
    out = tmp_path / "out"
    shell("kb", "export", out)
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.md")) == [
        "deep/er/odd name (2).md", "password.md", "tr/yazici.md",
    ]  # fmt: skip
    assert counts(shell("kb", "import", out)) == (0, 0, 3, 0)
    first = {path.relative_to(out): path.read_bytes() for path in out.rglob("*.md")}
    shell("kb", "export", out)
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*.md")} == first
    assert not list(out.rglob(".*")), "no drafts are left"


def test_every_name_can_be_exported(shell: Any, tmp_path: Path) -> None:
    """Also the longest that a file can have; and none is refused a file because another one is a folder there."""
    shell("kb", "add", "--title", "Long", "-m", "x", "--name", "日" * 84)
    shell("kb", "add", "--title", "A", "-m", "x", "--name", "a")
    shell("kb", "add", "--title", "B", "-m", "x", "--name", "a/b.md")
    for name in ("日" * 85, "a.md/b", "a.MD/b"):
        assert "cannot be the name" in shell_err(shell, "kb", "add", "--title", "C", "-m", "x", "--name", name)
    shell("kb", "export", tmp_path / "out")
    assert len(list((tmp_path / "out").rglob("*.md"))) == 3
    assert counts(shell("kb", "import", tmp_path / "out")) == (0, 0, 3, 0)


def test_exports_of_a_part(shell: Any, folder: Path, tmp_path: Path) -> None:
    shell("category", "add", "Staff", "--internal")
    (folder / "safe.md").write_text("---\ntitle: Safe\ncategory: Staff\n---\nKey.")
    shell("kb", "import", folder)
    shell("kb", "export", tmp_path / "public", "--public")
    assert [path.name for path in (tmp_path / "public").rglob("*.md")] == ["password.md"]
    assert [one["name"] for one in shell.json("kb", "list", "--public")] == ["password"]
    assert [one["name"] for one in shell.json("kb", "list", "--internal")] == ["safe", "tr/yazici"]
    assert "Staff\tinternal" in shell("kb", "list")
    shell("kb", "export", tmp_path / "staff", "--category", "Staff")
    assert [path.name for path in (tmp_path / "staff").rglob("*.md")] == ["safe.md"]


def test_faults_are_named_by_file_and_line_and_the_rest_is_taken(shell: Any, folder: Path) -> None:
    (folder / "one.md").write_text("---\ntitle: x\nvisibilty: internal\n---\ntext")
    (folder / "two.md").write_text("no header")
    (folder / "three.md").write_text("---\ntitle: x\ncategory: none\n---\ntext")
    (folder / "huge.md").write_bytes(b"x" * 5_000_000)
    (folder / "latin.md").write_bytes(b"---\ntitle: x\n---\ncaf\xe9")
    (folder / "404.md").write_text(FILE)
    told = shell_err(shell, "kb", "import", folder)
    assert counts(shell.raw.decode()) == (2, 0, 0, 6)
    assert [line.partition("articles/")[2] for line in told.splitlines()] == [
        "404.md: cannot be the name of an article; use letters, digits and - _ . such as vpn-setup.md.",
        "huge.md:1: the file is larger than 128 KB.",
        "latin.md:4: is not UTF-8; save it as UTF-8.",
        'one.md:3: there is no field "visibilty"; fields are title, category, tags, visibility, language.',
        "two.md:1: there is no title; begin the file with a header: ---, title: TEXT, ---.",
        'three.md: There is no category "none". See: mailgate category list',
    ]


def test_links_pipes_and_hidden_files_are_not_followed(shell: Any, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.md").write_text(FILE.replace("Reset", "Secret"))
    (folder / "link.md").symlink_to(secret / "key.md")
    (folder / "loop").symlink_to(folder)
    (folder / "elsewhere").symlink_to(secret)
    os.mkfifo(folder / "pipe.md")
    (folder / ".hidden.md").write_text(FILE)
    (folder / ".git").mkdir()
    (folder / ".git/x.md").write_text(FILE)
    (folder / "notes.txt").write_text("not an article")
    (folder / "dir.md").mkdir()
    told = shell_err(shell, "kb", "import", folder)
    assert counts(shell.raw.decode()) == (2, 0, 0, 2)
    assert "link.md: is a link; put the file itself there." in told
    assert "pipe.md: is no file." in told
    assert [one["title"] for one in shell.json("kb", "list")] == ["Reset your password", "Yazıcıda kâğıt"]


def test_too_deep_and_twice(shell: Any, folder: Path) -> None:
    deep = folder / "/".join("a" * 10)
    deep.mkdir(parents=True)
    (deep / "x.md").write_text(FILE)
    told = shell_err(shell, "kb", "import", folder, folder / "password.md")
    assert "deeper than 8 folders" in told
    assert "password.md: has the same name as" in told


def test_an_export_writes_only_below_its_folder(shell: Any, folder: Path, tmp_path: Path) -> None:
    shell("kb", "import", folder)
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    out.mkdir()
    (out / "tr").symlink_to(outside)
    assert "is a link" in shell_err(shell, "kb", "export", out)
    assert list(outside.iterdir()) == []
    (out / "tr").unlink()
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (out / "password.md").unlink()
    (out / "password.md").symlink_to(victim)
    shell("kb", "export", out)
    assert victim.read_text() == "mine"
    assert not (out / "password.md").is_symlink()


def test_the_terminal_is_not_obeyed(shell: Any, folder: Path) -> None:
    (folder / "esc.md").write_text("---\ntitle: a\x1b[2Jb\ntags: \x1b]0;x\x07\n---\ntext\n")
    shell("kb", "import", folder)
    shell("kb", "edit", "esc", "-m", "text", "--title", "\x1b[2Jx")
    assert "holds a control character" in shell_err(shell, "kb", "edit", "esc", "-m", "\x1b[31mtext\x9b")
    for words in (("show", "esc"), ("show", "esc", "--markdown"), ("list",), ("search", "text")):
        assert "\x1b" not in shell("kb", *words)


# -- tickets -----------------------------------------------------------------------------------------------------------


def test_a_ticket_names_articles_that_may_answer_it(shell: Any, folder: Path) -> None:
    number = shell(
        "ticket", "new", "--subject", "Forgotten password", "--requester", "ada@example.com", "-m", "Help"
    ).strip()
    assert shell.json("ticket", "show", number)["suggested_articles"] == []
    assert "Articles" not in shell("ticket", "show", number)
    shell("kb", "import", folder)
    assert shell.json("ticket", "show", number)["suggested_articles"] == [
        {"id": 1, "title": "Reset your password", "visibility": "public"}
    ]
    assert "Articles     1: Reset your password" in shell("ticket", "show", number)
    shell("kb", "edit", "password", "--internal")
    assert "1: (internal) Reset your password" in shell("ticket", "show", number)
    assert "Reset" not in shell("ticket", "show", number, "--as", "ada@example.com")
    assert shell.json("ticket", "show", number, "--as", "ada@example.com")["suggested_articles"] == []
    other = shell("ticket", "new", "--subject", "Chair", "--requester", "ada@example.com", "-m", "It broke.").strip()
    assert shell.json("ticket", "show", other)["suggested_articles"] == []


def test_a_technician_sees_internal_ones_too(shell: Any, folder: Path) -> None:
    shell("kb", "import", folder)
    number = shell(
        "ticket", "new", "--subject", "Yazıcı", "--requester", "a@example.com", "-m", "Kâğıt sıkıştı."
    ).strip()
    (found,) = shell.json("ticket", "show", number)["suggested_articles"]
    assert (found["id"], found["visibility"]) == (2, "internal")
    assert "Articles     2: (internal) Yazıcıda kâğıt" in shell("ticket", "show", number)


def test_a_reply_with_an_article(shell: Any, folder: Path) -> None:
    shell.deliver()
    shell("kb", "import", folder)
    shell("ticket", "reply", 1, "--article", "password", "-m", "Hello Ayşe, please try this:")
    entry = shell.json("ticket", "show", 1)["entries"][-1]
    assert entry["text"] == "Hello Ayşe, please try this:\n\n**Reset your password**\n\nOpen the *sign-in* page."
    assert "internal" in shell_err(shell, "ticket", "reply", 1, "--article", "tr/yazici", "-m", "x", "--anyway")
    shell("ticket", "reply", 1, "--article", 1, "--article", "tr/yazici", "--even-internal", stdin=b"not read")
    text = shell.json("ticket", "show", 1)["entries"][-1]["text"]
    assert text == "**Reset your password**\n\nOpen the *sign-in* page.\n\n**Yazıcıda kâğıt**\n\nÖn kapağı açın."
    shell("ticket", "reply", 1, "--article", 1, "--file", "-", stdin=b"Read:")
    assert shell.json("ticket", "show", 1)["entries"][-1]["text"].startswith("Read:\n\n**Reset")
    store = shell.store()
    with store.read() as db:
        letters = [
            store.blobs.get(db, row["raw"]) for row in outbox.listed(db, "pending") if row["template"] == "updated"
        ]
    assert letters
    store.close()


def test_the_editor_begins_with_the_article(
    shell: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.deliver()
    shell("kb", "import", folder)
    script = tmp_path / "editor"
    script.write_text(
        f"#!{sys.executable}\nimport sys\np = sys.argv[1]\nt = open(p).read()\nopen(p, 'w').write('Hi!\\n\\n' + t)\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(script))
    monkeypatch.setattr("mailgate_cli.ticket_write.given_text", lambda message, file: message)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("mailgate_cli.ticket_write._is_terminal", lambda: True)
    shell("ticket", "reply", 1, "--article", 1)
    assert (
        shell.json("ticket", "show", 1)["entries"][-1]["text"]
        == "Hi!\n\n**Reset your password**\n\nOpen the *sign-in* page."
    )


_LOADED = """
import json, sys
from mailgate_cli.main import answer
code = answer(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


def loaded_by(shell: Any, *words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, "--config", str(shell.config), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    code, loaded = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return set(loaded)


def test_nothing_is_loaded_for_articles_where_there_are_none(shell: Any) -> None:
    number = shell("ticket", "new", "--subject", "x", "--requester", "ada@example.com", "-m", "x").strip()
    slow = {"snowballstemmer", "markdown_it", "jinja2", "nh3"}
    assert loaded_by(shell, "ticket", "show", number) & slow == set()
    shell("kb", "add", "--title", "VPN", "-m", "Start.")
    assert loaded_by(shell, "ticket", "list") & slow == set()
    assert loaded_by(shell, "kb", "list") & slow == set()
    assert loaded_by(shell, "kb", "show", "1") & slow == set()
    assert loaded_by(shell, "ticket", "show", number) & slow <= {"snowballstemmer"}
