"""Passwords: checked and made with argon2id.

Takes a stored hash and a password; gives yes or no. Promises: somebody who does not exist, is disabled or has no password
takes as long as a wrong password. The caller bounds how many run at once (each takes 64 MB and a fifth of a second).
Standards: RFC 9106; NIST SP 800-63B section 3.1.1.2 (length, no rules about kinds of characters).
"""

from __future__ import annotations

from mailgate.model import User

SHORTEST, LONGEST = 10, 500
_NOBODY = (  # the hash of a random password that nobody knows, with argon2-cffi's defaults
    "$argon2id$v=19$m=65536,t=3,p=4$g77r2d7Ri00wSl4Qa2vNbw$JQHPRrEBY9U2JFHIqxzUwqvySJT4z+HnyB/yFRH7OoE"
)


def is_right(person: User | None, password: str) -> bool:
    """Whether the password is the person's, who may sign in."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    may = person is not None and not person.disabled and bool(person.password_hash) and len(password) <= LONGEST
    stored = person.password_hash if person is not None and may else None
    try:
        return PasswordHasher().verify(stored or _NOBODY, password[:LONGEST]) and may
    except (VerificationError, InvalidHashError):
        return False


def fault(person: User, password: str, again: str) -> str | None:
    """The key of the sentence that says what is wrong with a new password; None for a good one."""
    if len(password) < SHORTEST:
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    if password.casefold() in {name.casefold() for name in (*person.addresses, person.name, person.username or "")}:
        return "is_name"
    return None if password == again else "not_same"


def make_hash(password: str) -> str:
    """The hash to store."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)
