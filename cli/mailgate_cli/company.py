"""`mailgate company`: companies and the mail domains that make people theirs."""

from __future__ import annotations

import click

from mailgate.errors import RefusedError
from mailgate.store import Tx, people
from mailgate_cli.output import Column, print_json, print_table, say
from mailgate_cli.session import Session, pass_session
from mailgate_cli.verb import WORDS, as_option, json_option, verb


@verb('mailgate company add "Example Ltd" --domain example.com --domain example.org')
@click.argument("name", metavar="NAME", type=WORDS)
@click.option(
    "--domain",
    "domains",
    metavar="DOMAIN",
    multiple=True,
    type=WORDS,
    help="A mail domain; people of it belong to the company.",
)
@click.option("--notes", metavar="TEXT", default="", type=WORDS, help="What technicians should know.")
@as_option
@pass_session
def add(session: Session, name: str, domains: tuple[str, ...], notes: str, as_: str | None) -> None:
    """Add a company, or give it mail domains.

    People whose addresses are of its domains belong to it, those who come later too.
    """
    wanted = [domain.strip().lower().removeprefix("@") for domain in domains]
    for domain in wanted:
        if "." not in domain or any(letter.isspace() or letter == "@" for letter in domain):
            raise RefusedError(f'"{domain}" is not a mail domain. Write it like example.com')

    def work(tx: Tx) -> int:
        session.need_administrator(tx, as_)
        return people.add_company(tx, name.strip(), wanted, notes)

    say(f"Company {session.store.write(work)} is {name.strip()}.")


@verb("mailgate company list")
@json_option
@pass_session
def list_companies(session: Session, as_json: bool) -> None:
    """List companies.

    With their mail domains and how many people belong to them.
    """
    with session.store.read() as db:
        rows = people.companies(db)
    if as_json:
        print_json(
            [
                {
                    "id": row["id"],
                    "name": row["name"],
                    "domains": sorted(row["domains"].split(",")) if row["domains"] else [],
                    "people": row["people"],
                    "notes": row["notes"] or "",
                }
                for row in rows
            ]
        )
        return
    print_table(
        [
            Column("ID", right=True),
            Column("NAME", flexible=True),
            Column("DOMAINS", flexible=True),
            Column("PEOPLE", right=True),
        ],
        [[str(row["id"]), row["name"], row["domains"] or "", str(row["people"])] for row in rows],
    )
