"""`docs/commands.md`, made from the commands themselves, so that it cannot say something else.

Takes nothing but the tree; gives the page as text (`python -m mailgate_cli.reference`; `make docs` writes the file).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import click

from mailgate_cli.main import LazyGroup, main
from mailgate_cli.verb import Verb

_HEAD = """\
# Commands

A command is a noun and a verb: `mailgate ticket list`. All of them work while the daemon runs and while it does not, and
explain themselves: `mailgate ticket reply --help`. This page is made from the program (`make docs`); a test proves that
it is current.

**Before the noun**: `--config FILE` names the configuration (else `MAILGATE_CONFIG`, `./config.toml`,
`/etc/mailgate/config.toml`), `--debug` shows the traceback of an error and what is logged, `--version` the version.

**Exit codes**: 0 done · 1 refused, not found, or a finding · 2 usage · 3 configuration · 75 try again later ·
130 interrupted · 141 the reader of the output went away. `mailgate check` answers as a monitoring plugin (0 OK,
1 WARNING, 2 CRITICAL, 3 UNKNOWN), `mailgate deliver` as an MTA expects it (0, 64, 65, 67, 75, 78). An error is a
sentence with the next step, on stderr.

**In whose name**: commands that act take `--as USER`. Without it: the user of the configuration's `[cli] as`, else the
system's user if a technician has that user name, else the first administrator.

**Several at once**: many verbs take several ids. Where one is refused the others are done all the same, each refusal is
named, and the exit code is 1.

**Output**: tables and colours only on a terminal (`NO_COLOR` turns colours off); elsewhere lines with tabs between the
columns. `--json` prints one JSON document, lists with an item a line; times are ISO 8601 in UTC, what is unknown is null.
What came by mail is shown with control characters escaped. In CSV, text that a spreadsheet would take for a formula is
led by an apostrophe.

**Completion**: `mailgate completion bash > /etc/bash_completion.d/mailgate`, and the same for zsh and fish.
"""


_JSON = """\
# JSON

Keys are stable: more may be added, none goes or changes without a new major version.

| what | keys |
| --- | --- |
| person | `name`, `address` |
| ticket (`ticket list`, `ticket history`) | `id`, `subject`, `status`, `priority`, `category` {`id`, `name`, \
`word`}, `requester` (person), `assignee` (person), `tags`, `via`, `created_at`, `updated_at`, `closed_at`, \
`due_at`, `entries` (their number), `time_spent_s`, `merged_into` |
| ticket (`ticket show`, `db export`) | the same with `entries` as a list, and `subscribers` (persons), `fields` \
{name: value, null where empty}, `links` [{`kind`, `ticket`}], `address_word`; in `ticket show` \
`suggested_articles` [{`id`, `title`, `visibility`}], the best first |
| entry | `id`, `kind` (message, reply, note, event), `author` (person), `at`, `text`, `reply_text` (the new part), \
`html` (sanitised), `attachments`, `message_id`, `queue_id`, `marks` |
| attachment | `id`, `filename`, `content_type`, `size`, `inline`, `content_id`, `sha256` |
| message (`message list`) | `id`, `queue_id`, `received_at`, `source`, `reverse_path`, `recipients`, `from` \
(person), `subject`, `message_id`, `class`, `outcome`, `ticket`, `reason`, `size`, `sha256` |
| message (`message show`) | the same and `client`, `findings`, `attempts`, `next_attempt_at`, `error`, \
`finished_at`, `duplicate_of`, `entry`, `released` |
| message (`message why`) | those of the list and `trace` [{`step`, `result`, `detail`}] |
| account (`account list`) | `name`, `protocol`, `host`, `enabled`, `failures`, `last_error`, `last_attempt_at`, \
`last_success_at`, `disabled_at`, `fetched_total` |
| mail (`outbox list`) | `id`, `ticket`, `to`, `subject`, `message_id`, `status` (pending, sent, failed, \
cancelled), `attempts`, `next_attempt_at`, `last_reply`, `template`, `created_at` |
| `mail suppressed list` | `address`, `reason`, `status`, `failures`, `since_at`, `expires_at` |
| user (`user list`, `user show`) | `id`, `name`, `username`, `address`, `addresses`, `role`, `company`, \
`department`, `location`, `language`, `time_zone`, `signature`, `mail_on`, `new_ticket_mail`, `out_of_office`, \
`disabled`, `has_password`, `categories` (ids), `created_at` |
| `category list` | `id`, `name`, `word`, `section`, `default_assignee` (person), `technicians` (persons), \
`from_address`, `from_name`, `internal_only` |
| `field list` | `id`, `name`, `kind`, `visibility`, `category` {`id`, `name`}, `required`, `choices`, `tickets` (how many \
have a value) |
| `kb list`, `kb search`, `kb show` | `id`, `name`, `title`, `category` {`id`, `name`}, `tags`, `visibility` (public, \
internal), `language`, `version`, `author` (a name), `created_at`, `updated_at`, `url`; `text` (Markdown) in `kb show` |
| `company list` | `id`, `name`, `domains`, `people` (their number), `notes` |
| `check` | `status`, `checks` [{`name`, `status`, `text`, `value`}] |
| `audit` | `received`, `tickets`, `replies`, `held`, `duplicates`, `failed`, `deleted`, `waiting`, `balanced`, \
`faults` |
| `explain` (one object a line) | `path`, `number` (of the message in its file), `class`, `reason`, `outcome`, \
`ticket`, `matched_by`, `from`, `to`, `cc`, `subject`, `date`, `original_sender`, `forwarded_subject`, `commands`, \
`text`, `reply_text`, `category`, `address_word`, `attachments`, `bounce`, `authentication` {`spf`, `dkim`, \
`dmarc`, `arc`}, `trace` |
| `reconcile` | `account`, `on_server`, `accepted`, `gaps`, `notes` |
| `template list` | `event`, `language`, `part`, `path`, `own`, `blank` |
| `db check` | `ok`, `faults` |
| `db stats` | `schema`, `rows` {table: number}, `database_bytes`, `free_bytes_inside`, `log_bytes`, `large_blobs`, \
`large_blob_bytes`, `free_disk_bytes` |
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    with click.Context(main, info_name="mailgate") as root:
        for path, command in commands(main, root):
            parts.append(_section(path, command))
    parts.append(_JSON)
    return "\n".join(parts)


def commands(group: LazyGroup, ctx: click.Context, path: str = "mailgate") -> Iterator[tuple[str, Verb]]:
    """Every command with its path, in the order of the tree."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, LazyGroup):
            yield from commands(command, ctx, f"{path} {name}")
        elif isinstance(command, Verb):
            yield f"{path} {name}", command


def _section(path: str, command: Verb) -> str:
    with click.Context(command, info_name=path) as ctx:
        usage = " ".join(command.collect_usage_pieces(ctx))
        lines = [
            f"## {path.removeprefix('mailgate ')}",
            "",
            f"`{path} {usage}`",
            "",
            inspect.cleandoc(command.help or ""),
            "",
        ]
        options = [_option(parameter, ctx) for parameter in command.get_params(ctx) if _is_shown(parameter)]
        if options:
            lines += ["| option | meaning |", "| --- | --- |", *options, ""]
    return "\n".join([*lines, "```", *(line.strip() for line in command.example.splitlines()), "```", ""])


def _is_shown(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and "--help" not in parameter.opts


def _option(parameter: Any, ctx: click.Context) -> str:
    record = parameter.get_help_record(ctx)
    assert record is not None  # no option of ours is hidden
    names, meaning = record
    return f"| `{names.replace('|', ', ')}` | {meaning.replace('|', ', ')} |"


if __name__ == "__main__":
    print(page(), end="")
