"""The reactor: turns events into letters in the outbox.

Takes the store and the configuration; gives handled events. Promises: a letter and the mark that its event is handled are
one transaction, so that a crash at any instruction makes every letter once; an event that fails is tried again with
growing waits and set aside after `events.MAX_ATTEMPTS`, and the rest goes on; rendering happens outside the transaction.
"""

from mailgate.reactor.hand import Reactor

__all__ = ["Reactor"]
