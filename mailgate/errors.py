"""The three errors that mailgate distinguishes, as Postfix does: try again, give up, fix the configuration.

Takes nothing, gives exception classes. Their text is a sentence for a person that names the next step.
Rooms below raise them; only the hands decide what follows. What is none of these counts as temporary,
a bounded number of times.
"""


class MailgateError(Exception):
    """Any error that mailgate explains itself; its text is safe to show."""


class TemporaryError(MailgateError):
    """It may work later: a full disk, a busy database, a server that does not answer."""


class DamagedError(TemporaryError):
    """What is stored cannot be read any more; it works again once a backup is restored."""


class PermanentError(MailgateError):
    """It will never work: a refused recipient, a malformed request, a message that is too large."""


class NotFoundError(PermanentError):
    """What was named does not exist."""


class RefusedError(PermanentError):
    """The act is understood and not allowed: missing rights, a newer entry, a ticket somebody else took."""


class ConfigError(MailgateError):
    """The configuration is wrong; the text names every fault and its place."""
