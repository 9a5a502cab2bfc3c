"""mailgate: a mail gateway that turns e-mail into tickets, loses nothing and explains every decision."""

__version__ = "0.1.0"
