"""Delivery: empties the outbox into the relay, retries, and writes failures on the ticket."""

from mailgate.delivery.hand import Delivery

__all__ = ["Delivery"]
