"""`mailgate account`: external mailboxes that are polled."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from mailgate import clock
from mailgate.errors import MailgateError, NotFoundError, RefusedError
from mailgate.store import Tx, accounts
from mailgate.store.accounts import AccountState
from mailgate_cli.output import Column, age, finding, on_terminal, print_json, print_table, say, styled, warn
from mailgate_cli.ownership import give_to_owner
from mailgate_cli.session import Session, pass_session
from mailgate_cli.text import safe, safe_lines
from mailgate_cli.verb import WORDS, as_option, json_option, verb

if TYPE_CHECKING:
    from mailgate.config import Account

_LOOK_SECONDS = 0.1


def named(session: Session, name: str) -> Account:
    """An account of the configuration. Raises NotFoundError that names those there are."""
    account = session.config.account_named(name)
    if account is None:
        known = ", ".join(item.name for item in session.config.account) or "there are none yet"
        raise NotFoundError(f'There is no account "{name}" in {session.config.path} ({known}). Add it as [[account]].')
    return account


def account_json(account: Account, state: AccountState) -> dict[str, Any]:
    """An account as the contract's JSON."""
    return {
        "name": account.name,
        "protocol": account.protocol,
        "host": account.host or None,
        "enabled": state.enabled and not account.disabled,
        "failures": state.failures,
        "last_error": state.last_error,
        "last_attempt_at": clock.iso(state.last_attempt_at),
        "last_success_at": clock.iso(state.last_success_at),
        "disabled_at": clock.iso(state.disabled_at),
        "fetched_total": state.fetched_total,
    }


@verb("mailgate account list --json")
@json_option
@pass_session
def list_accounts(session: Session, as_json: bool) -> None:
    """List accounts with their failures and last polls.

    An account with too many failures in a row is disabled until it is enabled again.
    """
    configured = session.config.account
    with session.store.read() as db:
        states = accounts.states(db)
    found = [(account, states.get(account.name) or AccountState(account.name)) for account in configured]
    if as_json:
        print_json([account_json(account, state) for account, state in found])
        return
    if not found and on_terminal():
        say("No account is configured; add one as [[account]].")
    print_table(
        [Column("NAME"), Column("PROTOCOL"), Column("HOST", flexible=True), Column("STATE"), Column("FAILURES", right=True),
         Column("FETCHED", right=True), Column("LAST SUCCESS", right=True), Column("LAST ERROR", flexible=True)],
        [
            [account.name, account.protocol, account.host, _state(account, state), str(state.failures),
             str(state.fetched_total), age(state.last_success_at), state.last_error or ""]
            for account, state in found
        ],
        {n: "red" for n, (_, state) in enumerate(found) if not state.enabled},
    )  # fmt: skip


def _state(account: Account, state: AccountState) -> str:
    return "off" if account.disabled else "enabled" if state.enabled else "DISABLED"


@verb("mailgate account test office")
@click.argument("name", metavar="NAME", type=WORDS)
@pass_session
def test(session: Session, name: str) -> None:
    """Connect, log in, look at the folder, and change nothing.

    Says in plain words what works and what is wrong; ends with 1 where something is.
    """
    from mailgate.daemon.accounts import fetcher_maker

    account = named(session, name)
    try:
        for sentence in fetcher_maker(lambda: session.config, session.store)(account).test():
            say(safe(sentence))
    except MailgateError as error:
        warn(f"mailgate: {safe(error)}")
        finding()
    say(styled(f"The account {name} works.", fg="green"))


@verb("mailgate account poll office")
@click.argument("name", metavar="NAME", type=WORDS)
@pass_session
def poll(session: Session, name: str) -> None:
    """Poll an account now, and wait for what comes of it.

    The daemon does it where it runs, else this command. Ends with 1 where the poll failed.
    """
    account = named(session, name)
    with session.store.read() as db:
        if account.disabled or not accounts.state(db, name).enabled:
            hint = "remove `disabled` from the configuration" if account.disabled else f"mailgate account enable {name}"
            raise RefusedError(f"The account {name} is disabled. To have it polled again: {hint}")
    if not _poll(session, account, patient=True):
        finding()


def _poll(session: Session, account: Account, patient: bool) -> bool:
    """Has an account polled and says what came of it; False where it failed. `patient` waits for a daemon's poll."""
    from mailgate.daemon.lock import locked

    store, asked_at = session.store, clock.now()
    with store.read() as db:
        before = accounts.state(db, account.name)
    store.write(lambda tx: accounts.request_poll(tx, account.name))
    with locked(session.config.data_dir) as alone:
        if alone:
            _poll_here(session, account)
    if not alone:
        _ring(session)
        if not (patient and _wait(session, account, before, asked_at)):
            say(f"The daemon polls {account.name}; see: mailgate account list")
            return True
    with store.read() as db:
        state = accounts.state(db, account.name)
    if state.last_success_at is None or state.last_success_at < asked_at:
        warn(f"mailgate: The poll of {account.name} failed: {safe(state.last_error or 'no reason is known')}")
        return False
    say(f"{account.name}: {state.fetched_total - before.fetched_total} messages fetched.")
    if state.last_error:
        say(safe(state.last_error))
    if alone:
        session.file_waiting()
    return True


def _ring(session: Session) -> None:
    from mailgate.sources.accounts.supervisor import BELL

    session.store.bell.ring(BELL)


def _poll_here(session: Session, account: Account) -> None:
    from mailgate.daemon.accounts import fetcher_maker
    from mailgate.sources.accounts.poller import Poller

    make = fetcher_maker(lambda: session.config, session.store)
    poller = Poller(account, lambda: make(account), session.store)
    try:
        poller.turn()
    finally:
        poller.stop()
        poller.run()  # a stopped poller only closes its connection


def _wait(session: Session, account: Account, before: AccountState, asked_at: float) -> bool:
    """Waits until the daemon's poll has ended, at most the account's time limit; False where it has not."""
    until = clock.monotonic() + account.timeout.total_seconds()
    while clock.monotonic() < until:
        with session.store.read() as db:
            state = accounts.state(db, account.name)
        succeeded = state.last_success_at is not None and state.last_success_at >= asked_at
        if not state.poll_requested and (succeeded or state.failures > before.failures or not state.enabled):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


@verb("mailgate account enable office")
@click.argument("name", metavar="NAME", type=WORDS)
@as_option
@pass_session
def enable(session: Session, name: str, as_: str | None) -> None:
    """Set the failures of an account back to nothing, and poll it at once.

    For accounts that were disabled after failures, or by hand.
    """
    account = named(session, name)
    if account.disabled:
        raise RefusedError(f"The account {name} is disabled in the configuration. Remove `disabled` there.")

    def work(tx: Tx) -> None:
        session.need_administrator(tx, as_)
        accounts.enable(tx, name)

    session.store.write(work)
    say(f"The account {name} is enabled.")
    _poll(session, account, patient=False)


@verb("mailgate account disable office")
@click.argument("name", metavar="NAME", type=WORDS)
@as_option
@pass_session
def disable(session: Session, name: str, as_: str | None) -> None:
    """Leave an account alone until it is enabled again.

    Its mail waits on the server. No administrator gets a mail about it.
    """
    named(session, name)

    def work(tx: Tx) -> None:
        session.need_administrator(tx, as_)
        accounts.disable(tx, name, clock.now())

    session.store.write(work)
    _ring(session)
    say(f"The account {name} is disabled.")


@verb("mailgate account login office\nmailgate account login --relay")
@click.argument("name", metavar="[NAME]", required=False, type=WORDS)
@click.option("--relay", is_flag=True, help="For the relay of outgoing mail instead of an account.")
@pass_session
def login(session: Session, name: str | None, relay: bool) -> None:
    """Sign in for an account that uses OAuth2 (Microsoft 365, Google).

    Shows an address to open in any browser. What is given is kept, and renewed by itself.
    """
    if bool(name) == relay:
        raise click.UsageError("Name an account, or say --relay.")
    account = named(session, name) if name else None
    if (account.oauth if account else session.config.outgoing.oauth) is None:
        place = f"The account {name}" if account else "The relay"
        raise RefusedError(f"{place} uses a password. To sign in instead, set oauth = {{ ... }} in the configuration.")
    from mailgate.daemon.accounts import login as sign_in

    folder, began_at = session.config.data_dir, clock.now()
    say(safe(sign_in(account, session.config, say_safely, _asked)))
    give_to_owner(folder, began_at)


def say_safely(line: str) -> None:
    """Shows a line that a server had its hand in, indents kept."""
    say(safe_lines(line)[0])
    sys.stdout.flush()


def _asked(question: str) -> str:
    answer: str = click.prompt(question.rstrip(": "), type=WORDS)
    return answer
