"""The Date field, in the forms that mail programs, scripts and copiers write.

Takes the value of the field; gives an aware datetime, or None where no date can be made out.
Promises: never raises; constant time (only the first 200 characters count); a missing zone is UTC.
Standards: RFC 5322 sections 3.3 and 4.3, RFC 3339, and the asctime form of RFC 9110 section 5.6.7.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan oca gen ene янв sty led ocak january janv janvier januar enero gennaio",
            "feb şub sub fév fev фев lut úno şubat february février februar febrero febbraio",
            "mar mär mrz mrt мар bře mars mart march märz marzo maa maart",
            "apr nis avr abr апр kwi dub nisan april avril abril aprile",
            "may mai mayıs mayis mag mei maj май мая kvě mayo maggio",
            "jun haz juin giu июн cze čvn haziran june juni junio giugno",
            "jul tem juil lug июл lip čvc temmuz july juli juillet julio luglio",
            "aug ağu agu aoû aou ago авг sie srp ağustos agustos august août agosto",
            "sep eyl sept set сен wrz zář eylül eylul september septembre septiembre settembre",
            "oct eki okt ott out окт paź říj ekim october octobre oktober octubre ottobre",
            "nov kas kasım ноя lis kasim november novembre noviembre",
            "dec ara dez déc dic дек gru pro aralık aralik december décembre dezember diciembre dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "met": 60, "mez": 60, "cest": 120,
    "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "trt": 180, "ist": 330, "jst": 540, "kst": 540,
    "hkt": 480, "sgt": 480, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "est": -300, "edt": -240, "cst": -360,
    "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "hst": -600, "brt": -180,
}  # fmt: skip
_TIME = r"(?P<hour>\d{1,2})\s?[:.]\s?(?P<minute>\d{2})(?:\s?[:.]\s?(?P<second>\d{2}))?(?:[.,]\d{1,9})?"
_ZONE = r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>.{0,40})"
_FORMS = (
    re.compile(rf"(?P<day>\d{{1,2}})[\s./-]+(?P<month>[^\W\d_]{{3,12}})\.?[\s,./-]+(?P<year>\d{{2,5}})[,\s]+{_TIME}{_ZONE}"),
    re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})[T\s]+{_TIME}{_ZONE}"),
    re.compile(rf"(?P<month>[^\W\d_]{{3,12}})\.?\s+(?P<day>\d{{1,2}})[,\s]+{_TIME}\s+(?P<before>[A-Z+][A-Z0-9:+]{{1,8}}\s+)?(?P<year>\d{{4}}){_ZONE}"),
    re.compile(rf"(?P<month>[^\W\d_]{{3,12}})\.?\s+(?P<day>\d{{1,2}})[,\s]+(?P<year>\d{{4}})[,\s]+(?:at\s+)?{_TIME}{_ZONE}"),
    re.compile(rf"(?P<day>\d{{1,2}})[./](?P<month>\d{{1,2}})[./](?P<year>\d{{4}})[,\s]+{_TIME}{_ZONE}"),
    re.compile(r"(?P<day>\d{1,2})[\s-]+(?P<month>[^\W\d_]{3,12})\.?[\s-]+(?P<year>\d{4})(?!\d)"),
)  # fmt: skip
_OFFSET = re.compile(
    r"(?:GMT|UTC|UT)?\s*(?:([+-])\s*|(?=[01]\d{3}\b))(\d(?=\d{2}(?!\d))|\d{1,2}):?(\d{2})?", re.IGNORECASE
)
_WORD = re.compile(r"\(?([A-Za-z]{1,5})\b")


def read_date(value: str) -> datetime | None:
    """The date as an aware datetime in its own zone, or None. A missing or unknown zone counts as UTC."""
    value = value[:200].strip()
    for form in _FORMS:
        found = form.search(value)
        if found is not None:
            try:
                return _build(found.groupdict())
            except (ValueError, OverflowError):
                continue
    return None


def _build(parts: dict[str, str | None]) -> datetime | None:
    month_text, year_text = parts["month"] or "", parts["year"] or ""
    folded = month_text.replace("İ", "i").lower()
    month = int(month_text) if month_text.isdigit() else _MONTHS.get(folded) or _MONTHS.get(folded[:3])
    if not month:
        return None
    year = int(year_text)
    if 19100 <= year < 19200:  # programs that put "19" before the years since 1900
        year -= 17100
    elif (
        0 < year < 1000 or len(year_text) < 4
    ):  # RFC 5322 section 4.3: two digits 00-49 are 20xx, the others and three digits 19xx
        year += 2000 if year < 50 else 1900
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    second = min(int(parts.get("second") or 0), 59)  # a leap second is the last one before it
    zone = _read_zone(f"{parts.get('before') or ''}{parts.get('zone') or ''}".strip())
    made = datetime(year, month, int(parts["day"] or 0), hour, int(parts.get("minute") or 0), second, tzinfo=zone)
    made.astimezone(UTC)  # raises where the year is out of range
    return made


def _read_zone(text: str) -> timezone:
    offset = _OFFSET.match(text)
    if offset is not None:
        minutes = int(offset.group(2)) * 60 + int(offset.group(3) or 0)
        if minutes >= 24 * 60:
            return UTC
        return timezone(timedelta(minutes=-minutes if offset.group(1) == "-" else minutes)) if minutes else UTC
    word = _WORD.match(text)
    minutes = _ZONES.get(word.group(1).lower(), 0) if word else 0
    return timezone(timedelta(minutes=minutes)) if minutes else UTC
