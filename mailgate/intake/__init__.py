"""Intake: turns spooled messages into tickets and events, one transaction each."""

from mailgate.intake.hand import Intake

__all__ = ["Intake"]
