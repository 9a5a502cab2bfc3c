"""Intake: turns spooled messages into tickets and events, one transaction each."""

from mailgate.intake.explain import Explainer
from mailgate.intake.hand import Intake

__all__ = ["Explainer", "Intake"]
