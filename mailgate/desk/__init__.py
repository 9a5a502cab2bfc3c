"""The desk: the one pen that writes tickets. What people do is in `acts`, what mail does in `filing`."""

from mailgate.desk.acts import Desk

__all__ = ["Desk"]
