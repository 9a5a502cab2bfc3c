"""The daemon: builds the house from the configuration, starts it, reloads it, stops it."""

from mailgate.daemon.lock import locked
from mailgate.daemon.serve import serve

__all__ = ["locked", "serve"]
