"""The janitor: what has to be done by the clock (retention, sweeps, stuck outbox), a little at a time."""

from mailgate.janitor.rounds import Janitor

__all__ = ["Janitor"]
