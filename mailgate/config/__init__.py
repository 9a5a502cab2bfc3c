"""The configuration room: `config.toml` as one typed object, its validation, and the example of the same schema."""

from mailgate.config.load import find_config, load_config, parse_config
from mailgate.config.schema import Account, Config, Mailbox

__all__ = ["Account", "Config", "Mailbox", "find_config", "load_config", "parse_config"]
