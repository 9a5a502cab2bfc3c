"""What a token is for: whose, from whom, with which rights, and where what is kept of it lies.

Takes an account or the relay's settings with the configuration; gives a `Credential`. Promises: the scopes are those of
one resource (a token serves one); a name never becomes a path outside `data/tokens`; the secret is read when it is
needed and never shown.
Standards: RFC 6749 section 3.3 (scopes); Microsoft identity platform, "Scopes and permissions"; Google, "OAuth 2.0
scopes for Google APIs".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from mailgate.config import Account, Config
from mailgate.config.schema import OAuth
from mailgate.config.secrets import read_secret
from mailgate.errors import ConfigError, TemporaryError

_RELAY_FILE = "=relay.json"  # no account's file can have this name, because `=` is quoted in theirs

_MICROSOFT_GRAPH = "https://graph.microsoft.com"
_OUTLOOK_APP = "https://outlook.office365.com/.default"
_OUTLOOK = {
    "imap": "https://outlook.office.com/IMAP.AccessAsUser.All",
    "pop3": "https://outlook.office.com/POP.AccessAsUser.All",
    "smtp": "https://outlook.office.com/SMTP.Send",
}
_GOOGLE_MAIL = "https://mail.google.com/"


class TokenError(TemporaryError):
    """No token can be had; the text says why and what to do, and holds no secret."""


@dataclass(frozen=True)
class Credential:
    """Everything that is needed to get one token. `timeout` in seconds is for each request to the sign-in server.

    `name` is the account's; None for the relay.
    """

    name: str | None
    oauth: OAuth
    username: str
    scopes: tuple[str, ...]
    folder: Path
    secret_file: Path | None
    ca_file: Path | None
    timeout: float

    @property
    def shown(self) -> str:
        """How a person calls it."""
        return "the relay ([outgoing])" if self.name is None else f"account {self.name}"

    @property
    def file(self) -> Path:
        """Where its tokens are kept."""
        return self.folder / (_RELAY_FILE if self.name is None else f"{quote(self.name, safe='')}.json")

    @property
    def sign_in_command(self) -> str:
        """The command that signs a person in."""
        return f"mailgate account login {'--relay' if self.name is None else self.name}"

    def secret(self) -> str:
        """The application's secret. Raises TokenError where it cannot be read."""
        try:
            return read_secret(
                self.oauth.client_secret, self.secret_file, what=f"the application's secret of {self.shown}"
            )
        except ConfigError as error:
            raise TokenError(str(error)) from error

    def has_secret(self) -> bool:
        """Whether one is configured."""
        return bool(self.oauth.client_secret or self.secret_file)


def of_account(account: Account, config: Config) -> Credential:
    """The credential of an account that has `oauth`. Raises TokenError where it has none."""
    if account.oauth is None:
        raise TokenError(f"Account {account.name} has no [account.oauth]; it logs in with a password.")
    oauth = account.oauth
    scopes = tuple(oauth.scopes) or _scopes(account.protocol, oauth, _resource(account), _is_shared(account))
    return _credential(
        account.name, oauth, account.username, scopes, config, account.ca_file, account.timeout.total_seconds()
    )


def of_relay(config: Config) -> Credential:
    """The credential of the relay. Raises TokenError where `[outgoing.oauth]` is not set."""
    out = config.outgoing
    if out.oauth is None:
        raise TokenError("The relay has no [outgoing.oauth]; it needs no token.")
    scopes = tuple(out.oauth.scopes) or _scopes("smtp", out.oauth, "")
    return _credential(
        None, out.oauth, out.smtp_username, scopes, config, out.smtp_ca_file, out.timeout.total_seconds()
    )


def _credential(
    name: str | None,
    oauth: OAuth,
    username: str,
    scopes: tuple[str, ...],
    config: Config,
    ca_file: str | None,
    timeout: float,
) -> Credential:
    return Credential(
        name=name,
        oauth=oauth,
        username=username,
        scopes=scopes,
        folder=config.data_dir / "tokens",
        secret_file=config.resolve(oauth.client_secret_file) if oauth.client_secret_file else None,
        # A private authority speaks for a private sign-in server, never for Microsoft's or Google's own.
        ca_file=config.resolve(ca_file) if ca_file and oauth.authority else None,
        timeout=timeout,
    )


def _resource(account: Account) -> str:
    """The origin of the service that the token is for (Graph's national clouds, an Exchange server of one's own)."""
    url = account.endpoint or account.host
    if account.protocol == "graph":
        url = account.endpoint or _MICROSOFT_GRAPH
    parts = urlsplit(url if "://" in url else f"https://{url}")
    return f"{parts.scheme}://{parts.netloc}"


def _is_shared(account: Account) -> bool:
    """Whether the mailbox is another one than the person's who signs in."""
    return account.mailbox.casefold() not in ("", account.username.casefold())


def _scopes(protocol: str, oauth: OAuth, resource: str, shared: bool = False) -> tuple[str, ...]:
    if oauth.provider == "google":
        return (_GOOGLE_MAIL,)
    application = oauth.flow == "client_credentials"
    if protocol == "graph":
        person = f"{resource}/Mail.ReadWrite{'.Shared' if shared else ''}"
        return (f"{resource}/.default",) if application else (person,)
    if protocol == "ews":
        return (f"{resource}/.default",) if application else (f"{resource}/EWS.AccessAsUser.All",)
    return (_OUTLOOK_APP,) if application else (_OUTLOOK[protocol],)
