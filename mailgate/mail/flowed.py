"""format=flowed text joined to the paragraphs it was cut from.

Takes text with `\\n` line ends and DelSp; gives text in which each paragraph is one line again, quoting kept.
Promises: never raises; linear; the signature separator `-- ` stays a line of its own.
Standards: RFC 3676 sections 4.1 to 4.5.
"""

from __future__ import annotations


def unflow(text: str, delete_space: bool = False) -> str:
    """Join soft-broken lines of equal quote depth; with `delete_space` (DelSp=yes) the space before the break goes."""
    if " \n" not in text and "\n " not in text and "\n>" not in text and not text.startswith((" ", ">")):
        return text
    out: list[str] = []
    paragraph: list[str] = []
    paragraph_depth = 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")  # space-stuffing
        signature = bare == "-- "
        if paragraph and (depth != paragraph_depth or signature):
            out.append(_quoted(paragraph_depth, "".join(paragraph)))
            paragraph = []
        if signature:
            out.append(_quoted(depth, bare))
            continue
        paragraph_depth = depth
        if bare.endswith(" "):
            paragraph.append(bare[:-1] if delete_space else bare)
        else:
            paragraph.append(bare)
            out.append(_quoted(depth, "".join(paragraph)))
            paragraph = []
    if paragraph:
        out.append(_quoted(paragraph_depth, "".join(paragraph)))
    return "\n".join(out)


def _quoted(depth: int, text: str) -> str:
    return f"{'>' * depth} {text}" if depth else text
