"""What a schema cannot say: values that must fit together.

Takes a filled `Config`, gives a list of faults, each a sentence with its place. Touches no file and no network.
"""

from urllib.parse import urlsplit

from mailgate.config.schema import Account, Config
from mailgate.config.verify_screen import find_screen_faults

_AFTER_FETCH = ("delete", "mark_read", "keep")
_EXCHANGE_ONLINE = ("outlook.office365.com", "outlook.office.com", "outlook.office365.us", "partner.outlook.cn")


def find_faults(config: Config) -> list[str]:
    """Every fault of the configuration that lies between several options."""
    faults: list[str] = []
    seen: set[str] = set()
    for number, box in enumerate(config.mailbox, 1):
        if "@" not in box.address or any(c.isspace() or ord(c) < 32 for c in box.address):
            faults.append(f'mailbox[{number}].address: "{box.address}" is not an address, such as support@example.com')
        if box.address.lower() in seen:
            faults.append(f"mailbox[{number}].address: {box.address} is there twice; remove one")
        seen.add(box.address.lower())
    names: set[str] = set()
    for account in config.account:
        if account.name in names:
            faults.append(f'account "{account.name}": the name is there twice; give each account its own')
        names.add(account.name)
        faults.extend(f'account "{account.name}".{fault}' for fault in _account_faults(account))
    if bool(config.smtp.tls_cert) != bool(config.smtp.tls_key):
        faults.append("smtp.tls_cert and smtp.tls_key belong together; set both or neither")
    if config.smtp.listen_tls and not config.smtp.tls_cert:
        faults.append("smtp.listen_tls needs smtp.tls_cert and smtp.tls_key")
    for name, stored in config.smtp.users.items():
        if not stored.startswith("$argon2id$"):
            faults.append(f'smtp.users: what "{name}" has is no argon2id hash; make one with: mailgate user hash')
    if len(config.smtp.recipient_delimiter) != 1:
        faults.append("smtp.recipient_delimiter: one character, such as +")
    if config.outgoing.dkim_selector and not config.outgoing.dkim_key_file:
        faults.append("outgoing.dkim_selector needs outgoing.dkim_key_file")
    if config.outgoing.from_address and "@" not in config.outgoing.from_address:
        faults.append(f'outgoing.from_address: "{config.outgoing.from_address}" is not an address')
    if any(ord(c) < 32 for c in config.outgoing.from_name + config.outgoing.reply_to + config.outgoing.from_address):
        faults.append("outgoing: names and addresses must not hold control characters")
    faults.extend(find_screen_faults(config.screen))
    return faults


def _account_faults(account: Account) -> list[str]:
    faults = []
    if any(ord(c) < 32 or ord(c) == 127 for c in account.name + account.folder + account.username + account.host):
        faults.append("name: control characters are not allowed in names, folders, users and hosts")
    kind, _, folder = account.after_fetch.partition(":")
    if kind not in (*_AFTER_FETCH, "move") or (kind == "move") != bool(folder):
        faults.append(f'after_fetch: "{account.after_fetch}" is not one of delete, mark_read, move:FOLDER, keep')
    elif account.protocol == "pop3" and kind not in ("delete", "keep"):
        faults.append("after_fetch: POP3 knows only delete and keep")
    if any(ord(c) < 32 for c in folder):
        faults.append("after_fetch: control characters are not allowed in folder names")
    if account.protocol != "graph" and not account.host:
        faults.append("host: missing; name the server")
    if account.protocol == "graph" and account.oauth is None:
        faults.append("oauth: Microsoft Graph needs oauth = { client_id = ..., tenant = ... }")
    if not account.username:
        faults.append("username: missing")
    faults += _web_faults(account)
    given = [account.password, account.password_file, account.password_env, account.password_credential, account.oauth]
    if sum(item is not None for item in given) != 1:
        faults.append("password: give exactly one of password, password_file, password_env, password_credential, oauth")
    if account.disable_after < 1:
        faults.append("disable_after: at least 1")
    return faults


def is_exchange_online(host: str) -> bool:
    """Whether an EWS host, or URL, is Microsoft 365's, which no longer serves EWS since October 2026."""
    name = (urlsplit(host if "://" in host else f"https://{host}").hostname or "").rstrip(".")
    return any(name == known or name.endswith(f".{known}") for known in _EXCHANGE_ONLINE)


def _web_faults(account: Account) -> list[str]:
    """Faults of the protocols that speak HTTP."""
    faults = []
    urls = {"endpoint": account.endpoint, "oauth.authority": account.oauth and account.oauth.authority}
    if account.protocol == "ews":
        urls["host"] = account.host if "://" in account.host else None
        if is_exchange_online(account.host):
            faults.append(
                'host: Exchange Online switched EWS off in October 2026; use protocol = "graph" for Microsoft 365'
            )
        if "@" not in (account.mailbox or account.username):
            faults.append("mailbox: the login name is no address; name the mailbox's address")
        if account.tls == "starttls":
            faults.append('tls: ews knows only "tls" and "none"')
    for name, url in urls.items():
        try:
            parts = urlsplit(url or "https://x")
            clear = name == "host" and account.tls == "none"
            good = parts.scheme in (("http", "https") if clear else ("https",)) and bool(parts.hostname)
        except ValueError:
            good = False
        if not good:
            faults.append(f'{name}: "{url}" is not a URL that begins with https://')
    if account.mailbox and account.protocol not in ("ews", "graph"):
        faults.append("mailbox: only ews and graph know it; imap and pop3 find the mailbox by the username")
    if any(ord(c) < 33 for c in account.mailbox):
        faults.append("mailbox: spaces and control characters are not allowed")
    return faults
