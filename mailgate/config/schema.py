"""Every setting of mailgate, with its type, its default and the sentence that explains it.

Takes nothing; gives the structs that `load.py` fills and `example.py` prints, so that code, example and documents
cannot disagree. Promises: every option has a description; durations are `timedelta`, sizes are bytes.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from mailgate.config.units import Size


def _doc(text: str) -> Meta:
    return Meta(description=text)


def _seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


class General(Struct, kw_only=True):
    """What concerns the whole installation."""

    data_dir: Annotated[str, _doc("Where the database, large messages and locks live; relative to this file.")] = "data"
    hostname: Annotated[
        str, _doc("The name this gateway gives itself in SMTP and Message-IDs; empty: the From domain.")
    ] = ""
    language: Annotated[Literal["en", "tr"], _doc("Language of mail to people whose language is unknown.")] = "en"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _doc("How much is logged.")] = "info"
    log_format: Annotated[Literal["text", "json"], _doc("One line a decision, as key=value text or as JSON.")] = "text"
    admin: Annotated[list[str], _doc("Addresses of the people told about trouble, beside the administrators.")] = field(
        default_factory=list
    )
    parse_workers: Annotated[
        int, _doc("Processes that read messages beside the daemon; 0 reads them in the daemon itself.")
    ] = 1
    min_free_disk: Annotated[Size, _doc("Below this much free disk new mail is answered with 452.")] = Size(
        64 * 1024**2
    )


class Mailbox(Struct, kw_only=True):
    """A hosted address: mail to it, and to it with details after the delimiter, is accepted by SMTP, LMTP and pipe."""

    address: Annotated[str, _doc("The address, such as support@help.example.com.")]
    category: Annotated[str | None, _doc("Name, word or id of the category of mail without details.")] = None
    from_address: Annotated[str | None, _doc("From address of mail about tickets that came in here.")] = None
    from_name: Annotated[str | None, _doc("From name of system mail about tickets that came in here.")] = None


class OAuth(Struct, kw_only=True):
    """How to get access tokens for an account or for the relay."""

    provider: Annotated[Literal["microsoft", "google"], _doc("Whose tokens.")] = "microsoft"
    flow: Annotated[
        Literal["device_code", "client_credentials"],
        _doc("A person signs in once (`mailgate account login NAME`), or the application has rights of its own."),
    ] = "device_code"
    tenant: Annotated[str, _doc("Microsoft tenant id or domain.")] = "common"
    client_id: Annotated[str, _doc("The application's id.")] = ""
    client_secret: Annotated[str | None, _doc("The application's secret; better in a file.")] = None
    client_secret_file: Annotated[str | None, _doc("File that holds the secret.")] = None
    client_secret_expires: Annotated[
        str | None, _doc("Day the secret expires, 2027-01-31; `check` warns before it.")
    ] = None
    authority: Annotated[str | None, _doc("Other sign-in server than the provider's own (national clouds, tests).")] = (
        None
    )
    scopes: Annotated[list[str], _doc("Other scopes than the protocol needs.")] = field(default_factory=list)


class Account(Struct, kw_only=True):
    """An external mailbox that is polled."""

    name: Annotated[str, _doc("A short name, used in commands and logs.")]
    protocol: Annotated[Literal["imap", "pop3", "ews", "graph"], _doc("How the mailbox is reached.")]
    host: Annotated[str, _doc("Server name; for ews the host or full URL; graph needs none.")] = ""
    port: Annotated[int | None, _doc("Port, where it is not the usual one.")] = None
    tls: Annotated[Literal["tls", "starttls", "none"], _doc("Encryption; certificates are always verified.")] = "tls"
    ca_file: Annotated[str | None, _doc("PEM file of a private certificate authority.")] = None
    username: Annotated[str, _doc("Login name; for graph the mailbox's address.")] = ""
    mailbox: Annotated[
        str, _doc("For ews and graph: the mailbox's address where it is not the username (a shared mailbox).")
    ] = ""
    password: Annotated[str | None, _doc("Password; better in a file or the environment.")] = None
    password_file: Annotated[str | None, _doc("File that holds the password.")] = None
    password_env: Annotated[str | None, _doc("Environment variable that holds the password.")] = None
    password_credential: Annotated[str | None, _doc("Name of the systemd credential that holds the password.")] = None
    oauth: Annotated[OAuth | None, _doc("OAuth2 instead of a password.")] = None
    auth: Annotated[Literal["basic", "ntlm"], _doc("For ews with a password.")] = "basic"
    folder: Annotated[str, _doc("The folder that is polled.")] = "INBOX"
    category: Annotated[str | None, _doc("Name, word or id of the category of new tickets from here.")] = None
    poll_interval: Annotated[timedelta, _doc("Time between polls.")] = _seconds(300)
    idle: Annotated[bool, _doc("IMAP: wait in IDLE where the server has it, so that mail arrives at once.")] = True
    after_fetch: Annotated[
        str, _doc("What happens on the server once the message is on disk here: delete, mark_read, move:FOLDER, keep.")
    ] = "delete"
    disabled: Annotated[bool, _doc("Leave this account alone.")] = False
    disable_after: Annotated[int, _doc("Errors in a row after which the account is disabled.")] = 5
    reenable_after: Annotated[
        timedelta | None, _doc("Try a disabled account again after this time; not set: never.")
    ] = None
    timeout: Annotated[timedelta, _doc("Hard limit for each network operation.")] = _seconds(60)
    max_size: Annotated[Size, _doc("Larger messages stay on the server and are reported.")] = Size(100 * 1024**2)
    trusted: Annotated[
        bool,
        _doc("The server authenticates its senders itself: mail in a technician's name has the technician's powers."),
    ] = False
    endpoint: Annotated[str | None, _doc("Other service URL than the usual one (graph: national clouds, tests).")] = (
        None
    )


class SmtpLimits(Struct, kw_only=True):
    """What one client may take."""

    connections: Annotated[int, _doc("Connections at once, in all.")] = 500
    connections_per_address: Annotated[int, _doc("Connections at once from one address (trusted ones are exempt).")] = (
        200
    )
    messages_per_connection: Annotated[int, _doc("Messages in one connection.")] = 10000
    recipients: Annotated[int, _doc("Recipients of one message.")] = 100
    commands: Annotated[int, _doc("Commands between two messages.")] = 200
    errors: Annotated[int, _doc("Bad commands before the connection is closed.")] = 20
    line_length: Annotated[int, _doc("Longest line of data, in bytes; RFC 5321 says 1000, real mail is longer.")] = (
        1024 * 1024
    )
    command_timeout: Annotated[timedelta, _doc("Wait for a command.")] = _seconds(300)
    data_timeout: Annotated[timedelta, _doc("Wait for the next piece of data.")] = _seconds(180)
    message_timeout: Annotated[timedelta, _doc("Time for one whole message.")] = _seconds(1800)


class Smtp(Struct, kw_only=True):
    """The daemon's own listener."""

    listen: Annotated[list[str], _doc("host:port of SMTP; `systemd` takes the sockets that systemd passes.")] = field(
        default_factory=lambda: ["127.0.0.1:2525"]
    )
    lmtp: Annotated[list[str], _doc("host:port or unix:PATH of LMTP.")] = field(default_factory=list)
    listen_tls: Annotated[list[str], _doc("host:port of SMTP inside TLS.")] = field(default_factory=list)
    max_size: Annotated[Size, _doc("Largest message.")] = Size(50 * 1024**2)
    tls_cert: Annotated[str | None, _doc("PEM certificate chain for STARTTLS; read again on reload.")] = None
    tls_key: Annotated[str | None, _doc("PEM private key.")] = None
    trusted: Annotated[
        list[str],
        _doc("Addresses or networks that may use XCLIENT and the PROXY protocol and whose checks are believed."),
    ] = field(default_factory=list)
    proxy_protocol: Annotated[bool, _doc("Trusted addresses speak the PROXY protocol first.")] = False
    users: Annotated[dict[str, str], _doc("AUTH over TLS: user name and argon2id hash (`mailgate user hash`).")] = (
        field(default_factory=dict)
    )
    recipient_delimiter: Annotated[str, _doc("What separates details from the address.")] = "+"
    shutdown_timeout: Annotated[timedelta, _doc("On SIGTERM, time for messages in flight.")] = _seconds(20)
    limits: SmtpLimits = field(default_factory=SmtpLimits)


class Intake(Struct, kw_only=True):
    """How messages become tickets."""

    accept_unregistered: Annotated[bool, _doc("An unknown sender becomes a user; off: the message is held.")] = True
    answer_unregistered: Annotated[bool, _doc("Tell an unregistered sender once that the message is held.")] = False
    subscribe_to_and_cc: Annotated[bool, _doc("To and Cc of a new ticket become subscribers.")] = True
    extract_forwarded_sender: Annotated[bool, _doc("A technician's forward makes a ticket of the original sender.")] = (
        False
    )
    strangers: Annotated[
        Literal["add", "new_ticket", "hold"],
        _doc("What a reply of somebody who does not belong to the ticket becomes."),
    ] = "add"
    default_category: Annotated[str | None, _doc("Category of new tickets; not set: the first one.")] = None
    new_ticket_after_closed_days: Annotated[
        int | None, _doc("A reply to a ticket closed longer makes a new, linked one.")
    ] = None
    restrict_closing: Annotated[bool, _doc("Only technicians may close by #close#.")] = False
    signed_reply_address: Annotated[
        bool, _doc("Reply-To carries the ticket and a signature: support+t12.SIGNATURE@.")
    ] = False
    max_attempts: Annotated[int, _doc("Tries before a message is set aside as failed.")] = 5
    parse_timeout: Annotated[
        timedelta, _doc("Time for reading one message; then it becomes a ticket with the raw message.")
    ] = _seconds(60)


class Rspamd(Struct, kw_only=True):
    """rspamd over HTTP."""

    enabled: Annotated[bool, _doc("Ask rspamd.")] = False
    url: Annotated[str, _doc("Its normal worker: http://HOST:PORT or unix:PATH.")] = "http://127.0.0.1:11333"
    tag_score: Annotated[float, _doc("From this score the message is marked.")] = 6.0
    hold_score: Annotated[float, _doc("From this score the message is held.")] = 10.0
    reject_score: Annotated[float | None, _doc("From this score the message is refused at SMTP time.")] = None
    timeout: Annotated[timedelta, _doc("Longest wait.")] = _seconds(10)
    on_failure: Annotated[Literal["accept", "defer"], _doc("Without an answer: accept unscanned, or answer 451.")] = (
        "accept"
    )
    max_size: Annotated[Size, _doc("Larger messages are not sent to rspamd (its max_message).")] = Size(50 * 1024**2)


class SpamAssassin(Struct, kw_only=True):
    """SpamAssassin's spamd."""

    enabled: Annotated[bool, _doc("Ask spamd.")] = False
    address: Annotated[str, _doc("host:port or unix:PATH of spamd.")] = "127.0.0.1:783"
    tag_score: Annotated[float, _doc("From this score the message is marked.")] = 5.0
    hold_score: Annotated[float, _doc("From this score the message is held.")] = 8.0
    reject_score: Annotated[float | None, _doc("From this score the message is refused at SMTP time.")] = None
    timeout: Annotated[timedelta, _doc("Longest wait.")] = _seconds(30)
    on_failure: Annotated[Literal["accept", "defer"], _doc("Without an answer: accept unscanned, or answer 451.")] = (
        "accept"
    )
    max_size: Annotated[Size, _doc("Larger messages are not sent to spamd.")] = Size(512 * 1024)


class ClamAV(Struct, kw_only=True):
    """ClamAV's clamd."""

    enabled: Annotated[bool, _doc("Ask clamd.")] = False
    address: Annotated[str, _doc("host:port or unix:PATH of clamd.")] = "unix:/run/clamav/clamd.ctl"
    reject: Annotated[bool, _doc("Refuse viruses at SMTP time; off: hold them.")] = False
    timeout: Annotated[timedelta, _doc("Longest wait.")] = _seconds(30)
    on_failure: Annotated[Literal["accept", "defer"], _doc("Without an answer: accept unscanned, or answer 451.")] = (
        "accept"
    )
    max_size: Annotated[Size, _doc("Larger messages are not sent to clamd (its StreamMaxLength).")] = Size(25 * 1024**2)


class Screen(Struct, kw_only=True):
    """Junk, loops, spam, viruses and who the sender really is."""

    noreply_is_junk: Annotated[bool, _doc("Mail from noreply@ and its kin is held.")] = True
    noreply_allow: Annotated[list[str], _doc("noreply addresses or domains that make tickets all the same.")] = field(
        default_factory=list
    )
    hold_auto_replies: Annotated[bool, _doc("Hold out-of-office and other automatic replies.")] = True
    loop_window: Annotated[timedelta, _doc("Time over which messages are counted.")] = _seconds(3600)
    loop_per_address: Annotated[int, _doc("Messages of one sender in that time before they are held.")] = 20000
    loop_answers_per_address: Annotated[int, _doc("The same for messages that answer our own mail.")] = 100
    loop_answers_per_ticket: Annotated[
        int, _doc("The same for answers of one sender to our mail about one ticket.")
    ] = 30
    loop_per_content: Annotated[
        int,
        _doc(
            "Messages of equal content in that time, whoever sends them, before answers are held and the rest is not answered."
        ),
    ] = 20
    auto_mail_per_address: Annotated[
        int, _doc("Automatic mails to one address in that time; technicians get fifty times as many.")
    ] = 20
    auto_mail_in_all: Annotated[int, _doc("Automatic mails in all in that time.")] = 2000
    trusted_authserv_ids: Annotated[list[str], _doc("Hosts whose Authentication-Results are believed.")] = field(
        default_factory=list
    )
    trusted_spam_headers: Annotated[bool, _doc("Believe X-Spam-Flag and X-Spam-Status of the MTA in front.")] = False
    authenticate: Annotated[bool, _doc("Check SPF, DKIM, DMARC and ARC of mail that comes by SMTP from outside.")] = (
        True
    )
    resolver: Annotated[list[str], _doc("DNS servers as address or address:port; empty: the system's.")] = field(
        default_factory=list
    )
    dns_timeout: Annotated[timedelta, _doc("Longest wait for all DNS answers about one message.")] = _seconds(10)
    rspamd: Rspamd = field(default_factory=Rspamd)
    spamassassin: SpamAssassin = field(default_factory=SpamAssassin)
    clamav: ClamAV = field(default_factory=ClamAV)


class Outgoing(Struct, kw_only=True):
    """How mail leaves."""

    from_address: Annotated[str, _doc("Every mail comes from this address; required.")] = ""
    from_name: Annotated[str, _doc("Name on system mail; mail that a person wrote carries that person's name.")] = ""
    from_name_for_all: Annotated[bool, _doc("The From name on all mail.")] = False
    reply_to: Annotated[str, _doc("Reply-To of every mail; empty: from_address.")] = ""
    smtp_host: Annotated[str, _doc("The relay.")] = "127.0.0.1"
    smtp_port: Annotated[int, _doc("Its port.")] = 587
    smtp_tls: Annotated[Literal["none", "starttls", "tls"], _doc("Encryption to the relay.")] = "starttls"
    smtp_ca_file: Annotated[str | None, _doc("PEM file of a private certificate authority.")] = None
    smtp_username: Annotated[str, _doc("Login at the relay; empty: none.")] = ""
    smtp_password: Annotated[str | None, _doc("Its password; better in a file or the environment.")] = None
    smtp_password_file: Annotated[str | None, _doc("File that holds the password.")] = None
    smtp_password_env: Annotated[str | None, _doc("Environment variable that holds the password.")] = None
    smtp_password_credential: Annotated[str | None, _doc("Name of the systemd credential that holds it.")] = None
    oauth: Annotated[OAuth | None, _doc("OAuth2 at the relay instead of a password.")] = None
    connections: Annotated[int, _doc("Connections to the relay at once.")] = 4
    connections_per_domain: Annotated[int, _doc("Mails to one recipient domain at once.")] = 2
    messages_per_connection: Annotated[int, _doc("Mails in one connection.")] = 100
    timeout: Annotated[timedelta, _doc("Longest wait for the relay.")] = _seconds(60)
    give_up_after: Annotated[timedelta, _doc("How long a mail is retried.")] = _seconds(5 * 86400)
    dkim_selector: Annotated[str, _doc("DKIM selector; empty: mail is not signed here.")] = ""
    dkim_domain: Annotated[str, _doc("Signing domain; empty: that of the From address.")] = ""
    dkim_key_file: Annotated[str | None, _doc("PEM private key, RSA or Ed25519.")] = None


class Notifications(Struct, kw_only=True):
    """Who hears of what."""

    enabled: Annotated[bool, _doc("All notifications below.")] = True
    ticket_closed: Annotated[bool, _doc("Requester and subscribers hear that the ticket is closed.")] = True
    confirmation: Annotated[bool, _doc("The requester hears that the ticket was made, if it came by mail.")] = True
    admins_new_tickets: Annotated[bool, _doc("Administrators hear of new tickets of all categories.")] = False
    technicians_new_tickets: Annotated[bool, _doc("Technicians hear of new tickets of their categories.")] = True
    all_technicians_on_customer_update: Annotated[bool, _doc("All of the category hear a customer's update.")] = False
    all_technicians_on_take: Annotated[bool, _doc("The others of the category hear who took a ticket.")] = False
    all_technicians_on_article_update: Annotated[bool, _doc("Technicians hear of changed articles.")] = False
    include_attachments: Annotated[
        bool, _doc("Files go out with mail; off (HIPAA): neither files nor inline images.")
    ] = True
    autologin_links: Annotated[bool, _doc("Links sign a regular user in, for three days.")] = True
    one_mail_with_cc: Annotated[bool, _doc("One mail with all subscribers in Cc instead of one each.")] = False
    updates_only_from_technicians: Annotated[bool, _doc("A customer's reply goes to technicians only.")] = False
    templates: Annotated[str, _doc("Folder with your own templates, relative to this file.")] = "templates"


class Web(Struct, kw_only=True):
    """The requester's page, health and metrics."""

    listen: Annotated[list[str], _doc("host:port or unix:PATH; empty: no web server.")] = field(
        default_factory=lambda: ["127.0.0.1:8025"]
    )
    base_url: Annotated[str, _doc("How people reach it from outside, for links in mail.")] = "http://127.0.0.1:8025"
    trusted_proxies: Annotated[list[str], _doc("Proxies whose X-Forwarded-For is believed.")] = field(
        default_factory=lambda: ["127.0.0.1", "::1"]
    )
    sign_in_attempts: Annotated[int, _doc("Wrong passwords for one person or address in fifteen minutes.")] = 10
    max_upload: Annotated[Size, _doc("Largest reply with its files.")] = Size(25 * 1024**2)


class Cli(Struct, kw_only=True):
    """The command line."""

    as_: Annotated[str | None, _doc("The user in whose name commands act, where --as is not given.")] = field(
        name="as", default=None
    )


class Retention(Struct, kw_only=True):
    """How long things are kept; `0s` keeps for ever."""

    held: Annotated[timedelta, _doc("Held messages.")] = _seconds(30 * 86400)
    raw: Annotated[timedelta, _doc("Raw messages of tickets.")] = _seconds(0)
    events: Annotated[timedelta, _doc("Handled events and sent mail.")] = _seconds(90 * 86400)


class Config(Struct, kw_only=True):
    """The whole configuration. `path` is the file it came from; relative paths in it start from its folder."""

    general: General = field(default_factory=General)
    mailbox: list[Mailbox] = field(default_factory=list)
    account: list[Account] = field(default_factory=list)
    smtp: Smtp = field(default_factory=Smtp)
    intake: Intake = field(default_factory=Intake)
    screen: Screen = field(default_factory=Screen)
    outgoing: Outgoing = field(default_factory=Outgoing)
    notifications: Notifications = field(default_factory=Notifications)
    web: Web = field(default_factory=Web)
    cli: Cli = field(default_factory=Cli)
    retention: Retention = field(default_factory=Retention)
    path: str = ""

    def resolve(self, name: str) -> Path:
        """A path of the configuration, relative to the configuration's own folder."""
        return Path(self.path or "config.toml").absolute().parent / Path(name).expanduser()

    @property
    def data_dir(self) -> Path:
        return self.resolve(self.general.data_dir)

    @property
    def hostname(self) -> str:
        """The name in SMTP greetings and on the right of our Message-IDs."""
        if self.general.hostname:
            return self.general.hostname
        candidates = [self.outgoing.from_address, *(box.address for box in self.mailbox)]
        return next((a.rpartition("@")[2] for a in candidates if "@" in a), "localhost.localdomain")

    def account_named(self, name: str) -> Account | None:
        return next((account for account in self.account if account.name == name), None)


Section = Struct | list[Struct] | dict[str, Any]
