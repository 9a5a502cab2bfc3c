"""Access tokens for mailboxes and the relay: got by a person's sign-in or by the application's own rights, kept, renewed.

It stands beside the store, because both sources and delivery need tokens and do not know each other. It alone knows
msal; it knows neither protocol nor mail.
"""

from mailgate.oauth.access import access_token, expires, forget, sign_in
from mailgate.oauth.credential import Credential, TokenError, of_account, of_relay

__all__ = ["Credential", "TokenError", "access_token", "expires", "forget", "of_account", "of_relay", "sign_in"]
