"""The table of charset labels that mail uses, with the Python codec each really means.

Takes nothing; gives four constants. Promises: every value is a codec that Python has and that decodes to text.
Standards: IANA character sets; the WHATWG Encoding Standard for supersets (what a label means, not what it says).
"""

UNKNOWN_LABELS = frozenset(
    {"", "unknown", "unknown-8bit", "x-unknown", "x-unknown-8bit", "8bit", "7bit", "default", "default_charset",
     "none", "null", "undefined", "binary", "x-user-defined", "user-defined", "x-gwchr", "_iso-2022-jp$esc",
     "charset", "text", "plain", "auto", "iso", "ansi"}
)  # fmt: skip
"""Labels that say nothing: the same as no label."""

TEXT_CODECS = frozenset({
    "ascii", "utf_8", "utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be",
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
    "iso8859_2", "iso8859_3", "iso8859_4", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_10",
    "iso8859_13", "iso8859_14", "iso8859_15", "iso8859_16", "koi8_r", "koi8_u", "koi8_t", "kz1048", "ptcp154",
    "cp437", "cp720", "cp737", "cp775", "cp850", "cp852", "cp855", "cp856", "cp857", "cp858", "cp860", "cp861",
    "cp862", "cp863", "cp864", "cp865", "cp866", "cp869", "cp1006", "cp1125", "hp_roman8",
    "cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140",
    "mac_roman", "mac_turkish", "mac_cyrillic", "mac_greek", "mac_latin2", "mac_iceland", "mac_croatian",
    "mac_romanian", "gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "euc_jis_2004", "iso2022_jp_ext",
    "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_2", "iso2022_jp_1", "iso2022_jp", "iso2022_kr", "johab", "hz",
    "shift_jis_2004",
})  # fmt: skip

ALIASES: dict[str, str] = {
    # Unicode
    "utf-8": "utf_8", "utf8": "utf_8", "utf8mb3": "utf_8", "utf8mb4": "utf_8", "unicode-1-1-utf-8": "utf_8",
    "x-unicode-2-0-utf-8": "utf_8", "utf-8n": "utf_8", "unicode": "utf_8", "cp65001": "utf_8", "65001": "utf_8",
    "uft-8": "utf_8", "utf": "utf_8", "utf-8-sig": "utf_8", "iso-10646-utf-8": "utf_8", "csutf8": "utf_8",
    "utf-8-mac": "utf_8", "ut-8": "utf_8", "utf-08": "utf_8", "iso-utf-8": "utf_8",
    "utf-7": "utf_7", "utf7": "utf_7", "unicode-1-1-utf-7": "utf_7", "x-unicode-2-0-utf-7": "utf_7",
    "utf-16": "utf_16", "utf16": "utf_16", "ucs-2": "utf_16", "iso-10646-ucs-2": "utf_16", "utf-16le": "utf_16_le",
    "utf-16be": "utf_16_be", "utf-32": "utf_32", "ucs-4": "utf_32",
    # Western
    "us-ascii": "ascii", "ascii": "ascii", "usascii": "ascii", "ansi-x3.4-1968": "ascii", "ansi_x3.4-1968": "ascii",
    "iso646-us": "ascii", "iso-ir-6": "ascii", "646": "ascii", "us": "ascii", "iso-646-us": "ascii",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso88591": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "l1": "cp1252", "iso-8859-1-windows-3.1-latin-1": "cp1252", "iso-ir-100": "cp1252", "iso8859": "cp1252",
    "iso-8859": "cp1252", "windows-1252": "cp1252", "windows1252": "cp1252", "win1252": "cp1252",
    "win-1252": "cp1252", "cp1252": "cp1252", "cp-1252": "cp1252", "x-cp1252": "cp1252", "x-ansi": "cp1252",
    "819": "cp1252", "ibm819": "cp1252", "cp819": "cp1252", "ansi-x3.110-1983": "cp1252",
    "ansi_x3.110-1983": "cp1252", "iso-8858-1": "cp1252", "iso-8895-1": "cp1252", "windows-28591": "cp1252",
    "x-iso-8859-1": "cp1252", "iso-1": "cp1252", "western": "cp1252", "cp-850": "cp850", "iso8859-15": "iso8859_15",
    "iso-8859-15": "iso8859_15", "latin-9": "iso8859_15", "latin9": "iso8859_15", "latin-0": "iso8859_15",
    "l9": "iso8859_15", "windows-28605": "iso8859_15", "x-mac-roman": "mac_roman", "macintosh": "mac_roman",
    "mac": "mac_roman", "x-macroman": "mac_roman", "macroman": "mac_roman",
    # Turkish
    "iso-8859-9": "cp1254", "iso8859-9": "cp1254", "iso88599": "cp1254", "latin5": "cp1254", "latin-5": "cp1254",
    "l5": "cp1254", "iso-ir-148": "cp1254", "windows-1254": "cp1254", "windows1254": "cp1254", "win1254": "cp1254",
    "cp1254": "cp1254", "cp-1254": "cp1254", "x-cp1254": "cp1254", "windows-28599": "cp1254", "turkish": "cp1254",
    "iso-8859-9-windows-latin-5": "cp1254", "x-mac-turkish": "mac_turkish", "macturkish": "mac_turkish",
    "cp857": "cp857", "ibm857": "cp857",
    # Central, Baltic, Greek, Cyrillic
    "iso-8859-2": "iso8859_2", "latin2": "iso8859_2", "windows-1250": "cp1250", "x-cp1250": "cp1250",
    "win-1250": "cp1250", "x-mac-ce": "mac_latin2", "x-mac-centraleurroman": "mac_latin2",
    "iso-8859-4": "iso8859_4", "windows-1257": "cp1257", "iso-8859-7": "iso8859_7", "greek": "iso8859_7",
    "windows-1253": "cp1253", "x-mac-greek": "mac_greek", "iso-8859-5": "iso8859_5", "windows-1251": "cp1251",
    "cp1251": "cp1251", "win1251": "cp1251", "win-1251": "cp1251", "x-cp1251": "cp1251", "windows1251": "cp1251",
    "koi8-r": "koi8_r", "koi8": "koi8_r", "koi": "koi8_r", "koi8r": "koi8_r", "cskoi8r": "koi8_r",
    "koi8-u": "koi8_u", "koi8-ru": "koi8_u", "koi8u": "koi8_u", "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic", "ibm866": "cp866", "dos-866": "cp866",
    # Hebrew, Arabic, Thai, Vietnamese
    "iso-8859-8": "iso8859_8", "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8", "logical": "iso8859_8",
    "visual": "iso8859_8", "hebrew": "iso8859_8", "windows-1255": "cp1255", "iso-8859-6": "iso8859_6",
    "iso-8859-6-i": "iso8859_6", "iso-8859-6-e": "iso8859_6", "arabic": "iso8859_6", "windows-1256": "cp1256",
    "windows-874": "cp874", "tis-620": "cp874", "tis620": "cp874", "iso-8859-11": "cp874", "dos-874": "cp874",
    "x-windows-874": "cp874", "iso8859-11": "cp874", "windows-1258": "cp1258", "x-viet-vps": "cp1258",
    # Chinese
    "gb2312": "gb18030", "gb-2312": "gb18030", "gb2312-80": "gb18030", "gb2312-1980": "gb18030",
    "gb_2312-80": "gb18030", "gb-2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "windows-936": "gb18030", "ms936": "gb18030", "936": "gb18030", "euc-cn": "gb18030", "euccn": "gb18030",
    "x-euc-cn": "gb18030", "gb18030": "gb18030", "gb-18030": "gb18030", "chinese": "gb18030",
    "iso-ir-58": "gb18030", "csgb2312": "gb18030", "gb": "gb18030",
    "eucgb2312_cn": "gb18030", "simplified-chinese": "gb18030",
    "hz-gb-2312": "hz", "hz": "hz", "hzgb": "hz", "big5": "big5hkscs", "big-5": "big5hkscs",
    "x-x-big5": "big5hkscs", "x-big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cn-big5": "big5hkscs",
    "cp950": "big5hkscs", "csbig5": "big5hkscs", "windows-950": "big5hkscs", "big5-eten": "big5hkscs",
    # Japanese
    "shift-jis": "cp932", "shift_jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "s-jis": "cp932",
    "shiftjis": "cp932", "ms-kanji": "cp932", "ms_kanji": "cp932", "windows-31j": "cp932", "cp932": "cp932",
    "ms932": "cp932", "cswindows31j": "cp932", "x-ms-cp932": "cp932", "csshiftjis": "cp932", "cp943c": "cp932",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "eucjp": "euc_jp", "x-euc": "euc_jp", "ujis": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext", "iso2022jp": "iso2022_jp_ext", "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext", "cp50221": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext",
    "iso-2022-jp-1": "iso2022_jp_ext", "jis": "iso2022_jp_ext", "iso-2022-jp-2": "iso2022_jp_2",
    # Korean
    "euc-kr": "cp949", "euckr": "cp949", "ks_c_5601-1987": "cp949", "ks-c-5601-1987": "cp949",
    "ks_c_5601": "cp949", "ksc5601": "cp949", "ksc-5601": "cp949", "ks_c_5601-1989": "cp949", "ksc_5601": "cp949",
    "korean": "cp949", "iso-ir-149": "cp949", "cseuckr": "cp949", "windows-949": "cp949", "cp949": "cp949",
    "uhc": "cp949", "x-windows-949": "cp949", "ks-c-5601": "cp949", "kscs56011987": "cp949", "5601": "cp949",
    "iso-2022-kr": "iso2022_kr",
}  # fmt: skip
ALIASES.update({
    "isolatin1": "cp1252", "isolatin2": "iso8859_2", "isolatin3": "iso8859_3", "isolatin4": "iso8859_4",
    "isolatin5": "cp1254", "isolatin6": "iso8859_10", "isolatin9": "iso8859_15", "isolatincyrillic": "iso8859_5",
    "ksc56011987": "cp949", "ksc": "cp949", "x-ksc5601": "cp949", "eucpkdfmtjapanese": "euc_jp", "eucjis": "euc_jp",
    "extended_unix_code_packed_format_for_japanese": "euc_jp", "iso2022jp2": "iso2022_jp_2",
    "jis_encoding": "iso2022_jp_ext", "x-windows-iso2022jp": "iso2022_jp_ext", "iso58gb231280": "gb18030",
    "csmacintosh": "mac_roman", "x-maccyrillic": "mac_cyrillic", "x-macgreek": "mac_greek",
    "x-maccentraleurope": "mac_latin2", "x-macturkish": "mac_turkish", "unicode-2-0-utf-8": "utf_8",
    "iso_646.irv:1983": "ascii", "turkish8": "cp1254", "csksc56011987": "cp949", "cseucpkdfmtjapanese": "euc_jp",
    "isolatinarabic": "iso8859_6", "isolatingreek": "iso8859_7", "isolatinhebrew": "iso8859_8",
})  # fmt: skip

PAGES: dict[int, str] = {
    932: "cp932", 936: "gb18030", 943: "cp932", 949: "cp949", 950: "big5hkscs", 951: "big5hkscs", 970: "cp949",
    1200: "utf_16_le", 1201: "utf_16_be", 1208: "utf_8", 1361: "johab", 1363: "cp949", 1386: "gb18030",
    10000: "mac_roman", 10006: "mac_greek", 10007: "mac_cyrillic", 10029: "mac_latin2", 10079: "mac_iceland",
    10081: "mac_turkish", 10082: "mac_croatian", 12000: "utf_32_le", 12001: "utf_32_be", 20127: "ascii",
    20866: "koi8_r", 20932: "euc_jp", 20936: "gb18030", 20949: "cp949", 21866: "koi8_u", 50220: "iso2022_jp_ext",
    50221: "iso2022_jp_ext", 50222: "iso2022_jp_ext", 50225: "iso2022_kr", 51932: "euc_jp", 51936: "gb18030",
    51949: "cp949", 51950: "big5hkscs", 52936: "hz", 54936: "gb18030", 65000: "utf_7", 65001: "utf_8",
    38598: "iso8859_8", **{28590 + part: f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    28591: "cp1252", 28599: "cp1254", 28601: "cp874",
    819: "cp1252", 912: "iso8859_2", 915: "iso8859_5", 920: "cp1254", 923: "iso8859_15", 367: "ascii",
}  # fmt: skip
"""Code pages of Windows and IBM whose number is not the name of Python's codec."""
