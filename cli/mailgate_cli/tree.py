"""The tree of commands: every noun and verb, the sentence that `--help` shows, and the module that holds it.

Takes nothing; gives a table, so that `mailgate --help` imports no command and one page shows all of them.
A test proves that each sentence is the first one of the command's own help.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Leaf(NamedTuple):
    """A command: `module:attribute` below `mailgate_cli`."""

    target: str
    help: str


class Branch(NamedTuple):
    """A noun with verbs."""

    help: str
    verbs: Mapping[str, Leaf | Branch]


_TICKET = {
    "list": Leaf("ticket_list:list_tickets", "List tickets, the latest change first."),
    "show": Leaf("ticket_show:show", "Show a ticket with everything that was said and done."),
    "history": Leaf("ticket_show:history", "List the other tickets of a ticket's requester and company."),
    "new": Leaf("ticket_write:new", "Open a ticket."),
    "reply": Leaf("ticket_write:reply", "Answer the requester and the subscribers."),
    "note": Leaf("ticket_write:note", "Add an internal note, which only technicians see."),
    "assign": Leaf("ticket_act:assign", "Give tickets to a technician."),
    "take": Leaf("ticket_act:take", "Take tickets yourself."),
    "close": Leaf("ticket_act:close", "Close tickets, with a last answer if you like."),
    "reopen": Leaf("ticket_act:reopen", "Open closed tickets again."),
    "tag": Leaf("ticket_act:tag", "Add tags to tickets."),
    "untag": Leaf("ticket_act:untag", "Take tags away from tickets."),
    "move": Leaf("ticket_act:move", "Move tickets to another category."),
    "priority": Leaf("ticket_set:priority", "Set how urgent tickets are."),
    "status": Leaf("ticket_set:status", "Set the status of tickets."),
    "due": Leaf("ticket_set:due", "Set when tickets are due."),
    "field": Leaf("ticket_field:field", "Set a custom field of tickets."),
    "time": Leaf("ticket_set:time", "Add the time that was spent on a ticket."),
    "merge": Leaf("ticket_act:merge", "Merge a ticket into another one."),
    "link": Leaf("ticket_act:link", "Link a ticket to another one."),
    "subscribe": Leaf("ticket_act:subscribe", "Let people hear of everything that happens on a ticket."),
    "unsubscribe": Leaf("ticket_act:unsubscribe", "Take people off a ticket's subscribers."),
    "accept": Leaf("ticket_act:accept", "Accept what a stranger wrote, and subscribe the writer."),
    "save": Leaf("ticket_files:save", "Save an attachment of a ticket to a file."),
}

_USER = {
    "add": Leaf("user:add", "Add a person."),
    "list": Leaf("user:list_users", "List people."),
    "show": Leaf("user:show", "Show a person."),
    "set": Leaf("user_set:set_user", "Change a person."),
    "disable": Leaf("user_set:disable", "Disable a person: no mail to them, and theirs is held."),
    "enable": Leaf("user_set:enable", "Enable a disabled person again."),
    "password": Leaf("user_set:password", "Set a person's password for the web page."),
    "hash": Leaf("user_set:hash_password", "Print the hash of a password, for the configuration."),
    "forget": Leaf("user_data:forget", "Erase what is kept about a person."),
    "export": Leaf("user_data:export", "Print everything that is kept about a person, as JSON."),
}

_MESSAGE = {
    "list": Leaf("message:list_messages", "List received messages, the latest first."),
    "show": Leaf("message:show", "Show what is known about a received message."),
    "raw": Leaf("message:raw", "Print a message byte for byte, as it was received."),
    "why": Leaf("message:why", "Explain what became of a message, step by step."),
    "release": Leaf("message_act:release", "Make tickets of held messages."),
    "delete": Leaf("message_act:delete", "Delete held or failed messages."),
    "retry": Leaf("message_act:retry", "Try failed messages again."),
    "reprocess": Leaf(
        "message_act:reprocess", "Look at messages again from their bytes, with today's program and configuration."
    ),
}

_KB = {
    "list": Leaf("kb:list_articles", "List articles."),
    "search": Leaf("kb:search", "Search articles, the best first."),
    "show": Leaf("kb:show", "Show an article."),
    "add": Leaf("kb_write:add", "Add an article to the knowledge base."),
    "edit": Leaf("kb_write:edit", "Change an article."),
    "import": Leaf("kb_files:import_articles", "Take articles from Markdown files and folders of them."),
    "export": Leaf("kb_files:export_articles", "Write articles to a folder, each as a Markdown file."),
}

COMMANDS: dict[str, Leaf | Branch] = {
    "init": Leaf("init:init", "Make a configuration and a database, ready to serve."),
    "serve": Leaf("serve:serve", "Run the daemon."),
    "deliver": Leaf("deliver:deliver", "Take one message from standard input, for an MTA's pipe."),
    "import": Leaf("importing:import_", "Take messages from mbox files, Maildirs and .eml files."),
    "explain": Leaf("explain:explain", "Say what would become of messages, without changing anything."),
    "ticket": Branch("List, show and work on tickets.", _TICKET),
    "message": Branch("Look after received messages.", _MESSAGE),
    "kb": Branch("Look after the knowledge base.", _KB),
    "user": Branch("Look after people.", _USER),
    "category": Branch(
        "Look after categories and their technicians.",
        {
            "add": Leaf("category:add", "Add a category."),
            "list": Leaf("category:list_categories", "List categories."),
            "set": Leaf("category:set_category", "Change a category."),
        },
    ),
    "field": Branch(
        "Look after custom fields of tickets.",
        {
            "add": Leaf("field:add", "Add a custom field to tickets."),
            "list": Leaf("field:list_fields", "List custom fields."),
            "edit": Leaf("field:edit", "Change a custom field."),
            "delete": Leaf("field:delete", "Delete a custom field."),
        },
    ),
    "company": Branch(
        "Look after companies.",
        {
            "add": Leaf("company:add", "Add a company, or give it mail domains."),
            "list": Leaf("company:list_companies", "List companies."),
        },
    ),
    "account": Branch(
        "Look after external mailboxes that are polled.",
        {
            "list": Leaf("account:list_accounts", "List accounts with their failures and last polls."),
            "test": Leaf("account:test", "Connect, log in, look at the folder, and change nothing."),
            "poll": Leaf("account:poll", "Poll an account now, and wait for what comes of it."),
            "enable": Leaf("account:enable", "Set the failures of an account back to nothing, and poll it at once."),
            "login": Leaf("account:login", "Sign in for an account that uses OAuth2 (Microsoft 365, Google)."),
            "disable": Leaf("account:disable", "Leave an account alone until it is enabled again."),
        },
    ),
    "reconcile": Leaf("reconcile:reconcile", "Compare an account's server with what was received from it."),
    "outbox": Branch(
        "Look after mail on its way out.",
        {
            "list": Leaf("outbox:list_outbox", "List mail on its way out, the latest first."),
            "retry": Leaf("outbox:retry", "Send mail now that waits, failed or was cancelled."),
            "cancel": Leaf("outbox:cancel", "Cancel mail that waits."),
            "unwritten": Leaf("outbox:unwritten", "List letters that could not be written, and try them again."),
        },
    ),
    "mail": Branch(
        "Try the relay, and look after addresses that mail no longer goes to.",
        {
            "test": Leaf("mail:test", "Send a test mail through the relay, at once."),
            "suppressed": Branch(
                "Look after addresses that mail no longer goes to.",
                {
                    "list": Leaf("suppressed:list_suppressed", "List addresses that mail no longer goes to, and why."),
                    "add": Leaf("suppressed:add", "Stop mail to addresses."),
                    "remove": Leaf("suppressed:remove", "Let mail go to addresses again."),
                },
            ),
        },
    ),
    "dns": Leaf("dns:dns", "Show the SPF, DKIM and DMARC records to publish, and check them."),
    "template": Branch(
        "Look after the words of outgoing mail.",
        {
            "list": Leaf("template:list_templates", "List templates and the files they come from."),
            "show": Leaf("template:show", "Print the text of a template that is in force."),
            "check": Leaf("template:check", "Look all templates over."),
            "preview": Leaf("template:preview", "Show what would be sent for an event of a ticket."),
        },
    ),
    "config": Branch(
        "Look after the configuration.",
        {
            "check": Leaf("config:check", "Look the configuration over."),
            "show": Leaf("config:show", "Show every setting that is in force."),
            "example": Leaf("config:example", "Print an example that names every option with its default."),
        },
    ),
    "db": Branch(
        "Look after the database.",
        {
            "backup": Leaf(
                "db:backup", "Copy database and large messages to a folder, verified, while the daemon runs."
            ),
            "restore": Leaf("db:restore", "Bring a backup back, while no daemon runs."),
            "check": Leaf("db:check", "Prove that the database is whole."),
            "migrate": Leaf("db:migrate", "Bring the database to this program's schema."),
            "vacuum": Leaf("db:vacuum", "Give unused space of the database back to the disk."),
            "stats": Leaf("db:stats", "Show how much there is of everything."),
            "export": Leaf("db:export", "Print all tickets with all their entries, as JSON, a ticket a line."),
        },
    ),
    "check": Leaf("check:check", "Check the health of everything, for monitoring systems and people."),
    "audit": Leaf("audit:audit", "Prove that no message was lost."),
    "completion": Leaf("completion:completion", "Print the script that completes mailgate's commands in a shell."),
}
