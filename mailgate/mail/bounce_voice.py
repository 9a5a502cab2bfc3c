"""Who speaks in a message: a mail system or a person. The quick look that all mail gets.

Takes a parsed message and its reverse-path; gives a `Voice`, or None where nothing hints at a mail system.
Promises: never raises; a few microseconds on ordinary mail: no body is read.
Standards: RFC 5321 section 4.5.5 (null reverse-path), RFC 6522 (multipart/report), RFC 3834 section 5 (Auto-Submitted).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgate.mail.autoreply_words import is_reply_subject
from mailgate.mail.bounce_words import DAEMON_NAMES, DAEMONS, STRONG_SUBJECTS, SUBJECT_STEMS, SUBJECTS
from mailgate.mail.fold import fold, squeeze, subject_words
from mailgate.mail.header import decode_text
from mailgate.mail.message import ParsedMessage

_SEPARATORS = re.compile(r"[\d\s._=-]+")
_ANSWER = re.compile(r"(?:re|aw|ynt|sv|vs|antw|odp|r) ?(?:\[\d+\])?:")
_FORWARD = re.compile(r"(?:fw|fwd|wg|ilt|tr|rv|enc|i|vb|pd) ?(?:\[\d+\])?:")
# Not "daemon" alone: under that name printers and nightly jobs write too.
_MACHINE = re.compile(
    r"(?:noreply|returned)?(?:mail|mailer|email|smtp|m|qmail|mta|server)d(?:ae|ea|e)mon(?:$|at|atx|mail)|microsoftexchange"
    r"|maildeliver|mailer-? ?daemon|mail-? ?daemon|mmdf$|postmasterdaemon"
)
# Of these, the name under which nothing but bounces is sent ("bugzilla-daemon" and "daemon" send more).
_MAILER = re.compile(
    r"(?:noreply|returned)?(?:mail|mailer|email|qmail|mta|smtp)-? ?d(?:ae|ea|e)mon(?:$|at|atx|mail)|mmdf$"
)
# Mail servers that write the name of a mail program into their reports.
_SERVERS = re.compile(
    r"internet mail service|<?imail|smtp32|mailmarshal|firstclass|m-filter|mdaemon|mailenable|mercury|server|gateway|daemon|mta",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"(?:re: )?your (?:e-?mail|message|mail) to [^\s@]{1,128}@\S{3,255} "
    r"(?:(?:could|can|was|has|is|did)(?: ?not|n't)\b|(?:was|has been|is) (?:rejected|blocked|refused|returned)|failed)"
)
# Programs in which people write. Those of groupware (Notes, GroupWise, Exchange, Zimbra) answer by themselves as well.
_PROGRAM = re.compile(
    r"(?:mozilla|thunderbird|apple mail|iphone mail|ipad mail|mutt|neomutt|the bat|qualcomm windows eudora|windows eudora|eudora"
    r"|microsoft outlook express|microsoft outlook,|microsoft outlook imo|microsoft outlook 1\d|microsoft windows live mail"
    r"|windows live mail|kmail|kmail/|squirrelmail|roundcube|evolution|ximian|claws|sylpheed|opera|alpine|pine|gnus|mew|wanderlust"
    r"|yahoomail|foxmail|becky|betterbird|k-9|fairemail|airmail|spark|postbox|heirloom mailx|git-send-email|elm |exmh|mh-e|vm )",
    re.IGNORECASE,
)
_SYSTEM_NAMES = (
    "mail delivery",
    "courier mail server",
    "content-filter at",
    "mailer-daemon",
    "mailer daemon",
    "delivery subsystem",
    "undeliver",
    "mail-daemon",
)
_NOT_OURS = ("postfix smtp server: error", "logwatch", "report domain:")
_DIGESTS = ("quarantine", "karantina", "spam digest", "dmarc", "statistic", "bounce rate", "bounce report", "pflogsumm")
# Those whose mail tells of other people's mail: they never bounce ours.
_WATCHERS = re.compile(
    r"(?:root|cron|anacron|nagios|icinga|zabbix|monit|munin|logwatch|alert|backup|www-?data)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks. `null` is None where the reverse-path is not known; a `daemon` that is no `machine` may be a person.

    A `mailer` is a machine that sends nothing but bounces, whatever it writes.
    """

    null: bool | None
    daemon: bool
    machine: bool
    mailer: bool
    report: bool
    failed_field: bool
    subject: bool
    strong_subject: bool
    answer: bool

    @property
    def is_system(self) -> bool:
        return self.daemon or self.null is True


def hear_voice(message: ParsedMessage, reverse_path: str | None) -> Voice | None:
    """Who speaks, or None where nothing hints at a mail system: the quick look that ordinary mail gets."""
    header = message.header
    kind = message.report.report_type if message.report is not None else ""
    if kind in ("feedback-report", "disposition-notification"):
        return None
    report = message.report is not None and (kind == "delivery-status" or message.report.status is not None)
    if not report and message.content_type == "multipart/report":
        report = "delivery-status" in (header.first("Content-Type") or "").lower()
    failed_field = "X-Failed-Recipients" in header or "errore-consegna" in (
        header.first("X-Ricevuta") or ""
    )  # RFC 6109
    null = is_null(message, reverse_path)
    daemon = is_daemon(message)
    subject = subject_words(message.subject)
    bounced = subject.startswith(SUBJECTS) or subject.lstrip("*[(!<\"' ").startswith(SUBJECTS)
    if not (report or failed_field or null or daemon or bounced):
        return None
    if subject.startswith(_NOT_OURS) or any(word in subject for word in _DIGESTS):
        return None
    bounced = bounced or (daemon and any(stem in subject for stem in SUBJECT_STEMS))
    answer = bool(_ANSWER.match(subject)) and not subject.startswith(SUBJECTS)
    passed_on = bool(_FORWARD.match(subject))
    if null is not True and not (daemon and report):
        if passed_on or "Resent-From" in header:
            return None
        if answer and (not daemon or message.in_reply_to):
            return None
    if is_reply_subject(subject) and not report and not failed_field:
        return None
    return Voice(
        null,
        daemon,
        daemon and is_machine(message),
        daemon and is_mailer(message),
        report,
        failed_field,
        bounced,
        subject.startswith(STRONG_SUBJECTS) or bool(_YOURS.match(subject)),
        answer,
    )


def is_null(message: ParsedMessage, reverse_path: str | None) -> bool | None:
    """Whether the reverse-path is null (RFC 5321 section 4.5.5), or a mail system's own; None where nobody knows.

    Some systems, and those that pass bounces on, write `MAILER-DAEMON@host` where `<>` should be. What a person's mail
    program sent has lost its reverse-path on the way, at a hop or in a file: nobody can type a null one.
    """
    null = _noted_null(message, reverse_path)
    return None if null and _is_typed(message) else null


def _noted_null(message: ParsedMessage, reverse_path: str | None) -> bool | None:
    if reverse_path is None:
        return True
    if reverse_path:
        return bool(_MAILER.match(_bare_name(reverse_path.rpartition("@")[0] or reverse_path)))
    noted = message.header.first("Return-Path")
    if noted is None:
        return None
    noted = noted.strip().lower()
    if noted in ("<>", "") or ("@" not in noted and "daemon" in noted):
        return True
    return bool(_MAILER.match(_bare_name(noted.strip("<> ").rpartition("@")[0])))


def _is_typed(message: ParsedMessage) -> bool:
    """Whether a program that people write with sent the message, and nobody but a person bears the author's name."""
    program = message.header.first("User-Agent") or message.header.first("X-Mailer") or ""
    return bool(_PROGRAM.match(program.strip())) and message.report is None and not is_daemon(message)


def is_daemon(message: ParsedMessage) -> bool:
    """Whether the author is a mail system by its local part or its display name; an empty From counts as one.

    Some of these names ("postmaster") are used by persons too: `is_machine` tells them apart.
    """
    author = message.author
    if author is None:
        written = decode_text((message.header.first("From") or "")[:300].encode("utf-8", "replace"))
        name = squeeze(written.partition("<")[0]).strip('" ')
        return name in DAEMON_NAMES or not name or _is_machine_name(name) or name.startswith(_SYSTEM_NAMES)
    bare = _bare_name(author.local_part or author.address)
    if bare in DAEMONS or _is_machine_name(bare) or bare.startswith(("postmaster", "symantec")):
        return True
    name = squeeze(author.name[:100])
    return name in DAEMON_NAMES or name.startswith(_SYSTEM_NAMES)


def is_machine(message: ParsedMessage) -> bool:
    """Whether the author bears a name that no person uses: MAILER-DAEMON and its kin, or none."""
    author = message.author
    return author is None or _is_machine_name(_bare_name(author.local_part or author.address))


def is_postmaster(message: ParsedMessage) -> bool:
    """Whether the author is the postmaster, who is a person now and then, or bears a mail system's display name."""
    author = message.author
    if author is None:
        return False
    bare = _bare_name(author.local_part or author.address)
    return bare.startswith("postmaster") or squeeze(author.name[:100]).startswith(_SYSTEM_NAMES)


def is_mailer(message: ParsedMessage) -> bool:
    """Whether the author is the mailer daemon itself: by its address, by its name, or by writing none (`From: <>`)."""
    author = message.author
    if author is not None:
        return bool(_MAILER.match(_bare_name(author.local_part or author.address)))
    written = squeeze((message.header.first("From") or "")[:300])
    return written in ("<>", '"" <>', "<@>") or bool(
        _MAILER.match(_SEPARATORS.sub("", written.partition("<")[0]).strip('" '))
    )


def _bare_name(local_part: str) -> str:
    return _SEPARATORS.sub("", fold(local_part[:200]).partition("+")[0])


def _is_machine_name(bare: str) -> bool:
    return bool(_MACHINE.match(bare))


def is_watcher(message: ParsedMessage) -> bool:
    """Whether the author is a program that watches a system, like cron or Nagios."""
    author = message.author
    return author is not None and bool(_WATCHERS.match(author.local_part))


def submitted(message: ParsedMessage) -> str:
    """The value of Auto-Submitted with its comments, lower-cased; "" where there is none (RFC 3834 section 5)."""
    return " ".join((message.header.first("Auto-Submitted") or "")[:200].lower().split())


def is_unread(message: ParsedMessage) -> bool:
    """Whether the author is one of those that nobody reads: systems that bounce under `noreply@`."""
    author = message.author
    return author is not None and "noreply" in _SEPARATORS.sub("", author.local_part[:200].lower())


def is_written_by_hand(message: ParsedMessage) -> bool:
    """Whether a field says that the message left a person's mail program, or a server that signs people's mail."""
    header = message.header
    program = header.first("X-Mailer")
    if program is not None and not _SERVERS.search(program[:100]):
        return True
    return any(name in header for name in ("User-Agent", "X-Originating-IP", "Thread-Index", "DKIM-Signature"))
