"""File names of attachments, made safe to be written anywhere, and made up where there are none.

Takes the name a stranger gave and the content type; gives a name that is never empty, has no path, no control or
direction-changing character, is not reserved on Windows, and is at most 200 bytes of UTF-8 with its extension kept.
Standards: RFC 2183 section 2.3 (a receiver must not trust the name), Unicode TR 36 section 3 (bidi spoofing).
"""

from __future__ import annotations

import re
import unicodedata

EXTENSIONS = {
    "text/plain": "txt", "text/html": "html", "text/calendar": "ics", "text/csv": "csv", "text/vcard": "vcf",
    "text/x-vcard": "vcf", "text/directory": "vcf", "text/xml": "xml", "text/rtf": "rtf", "text/enriched": "txt",
    "text/x-patch": "patch", "text/x-diff": "diff", "text/markdown": "md", "text/css": "css", "text/x-log": "log",
    "text/rfc822-headers": "txt", "application/pdf": "pdf", "application/zip": "zip", "application/gzip": "gz",
    "application/x-gzip": "gz", "application/x-zip-compressed": "zip", "application/json": "json",
    "application/xml": "xml", "application/rtf": "rtf", "application/msword": "doc", "application/ics": "ics",
    "application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt", "application/vnd.ms-outlook": "msg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt", "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/pkcs7-signature": "p7s", "application/x-pkcs7-signature": "p7s", "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m", "application/pgp-signature": "asc", "application/pgp-keys": "asc",
    "application/pgp-encrypted": "asc", "application/ms-tnef": "dat", "application/vnd.ms-tnef": "dat",
    "application/x-tar": "tar", "application/x-7z-compressed": "7z", "application/x-rar-compressed": "rar",
    "image/jpeg": "jpg", "image/jpg": "jpg", "image/pjpeg": "jpg", "image/png": "png", "image/x-png": "png",
    "image/gif": "gif", "image/bmp": "bmp", "image/tiff": "tif", "image/webp": "webp", "image/svg+xml": "svg",
    "image/heic": "heic", "image/x-icon": "ico", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/x-wav": "wav",
    "audio/ogg": "ogg", "audio/amr": "amr", "audio/mp4": "m4a", "video/mp4": "mp4", "video/quicktime": "mov",
    "video/mpeg": "mpg", "video/x-msvideo": "avi", "message/rfc822": "eml", "message/global": "eml",
    "message/partial": "eml",
    "message/delivery-status": "txt", "message/disposition-notification": "txt", "message/feedback-report": "txt",
    "message/external-body": "txt",
}  # fmt: skip
_FIXED = {
    "text/calendar": "invite.ics", "application/ics": "invite.ics", "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s", "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m", "application/pgp-signature": "signature.asc",
    "application/ms-tnef": "winmail.dat", "application/vnd.ms-tnef": "winmail.dat",
}  # fmt: skip
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_DATE_SLASH = re.compile(r"(?<=\d)/(?=\d)")
"""`Invoice 01/02/2020.pdf` is no path."""
_MOST_BYTES = 200
_EXTENSION_BYTES = 20


def safe_name(name: str) -> str:
    """The name without path, controls and tricks; "" where nothing is left of it."""
    name = _DATE_SLASH.sub("-", name[:1000]).replace("\\", "/").rpartition("/")[2]
    if re.match(r"[A-Za-z]:", name):
        name = name[2:]
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
        name = "".join(char for at, char in enumerate(name) if _is_shown(char) or _JOINER.match(name, at - 1))
    name = _FORBIDDEN.sub("_", name.replace("\x00", ""))
    name = re.sub(r"\s+", " ", name).strip().rstrip(". ").lstrip()
    if not name.strip("._ "):
        return ""
    if _RESERVED.match(name):
        name = "_" + name
    return _shorten(name)


# Control, format (bidi overrides, zero width), surrogate, private use; line and paragraph separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# What joins or parts the letters of Persian and Indic words and the pieces of an emoji.
_JOINER = re.compile("[^\x00-\x7f][\u200c\u200d][^\x00-\x7f]")


def _is_shown(char: str) -> bool:
    """A character people see. Unassigned ones are new letters and emoji, unless they are noncharacters."""
    category = unicodedata.category(char)
    if category == "Cn":
        return ord(char) & 0xFFFE != 0xFFFE and not "\ufdd0" <= char <= "\ufdef"
    return category not in _UNSAFE


def _shorten(name: str) -> str:
    encoded = name.encode("utf-8")
    if len(encoded) <= _MOST_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = f".{extension}".encode() if dot and len(extension.encode()) <= _EXTENSION_BYTES else b""
    kept = (stem if tail else name).encode("utf-8")[: _MOST_BYTES - len(tail)].decode("utf-8", "ignore")
    return kept.rstrip(". ") + tail.decode("utf-8")


def made_up_name(content_type: str, number: int) -> str:
    """The name of an attachment that came without one: `invite.ics`, `smime.p7s`, else `attachment-N.ext`."""
    if content_type in _FIXED:
        return _FIXED[content_type]
    extension = EXTENSIONS.get(content_type, "txt" if content_type.startswith("text/") else "bin")
    return f"attachment-{number}.{extension}"
