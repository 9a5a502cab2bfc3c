"""What root leaves in the data folder is given to the folder's owner, so that the daemon never stumbles over it.

Takes the data folder and when the command began; promises: only what root owns, what is new, and what has a single name
changes hands; links are not followed. SQLite does the same for its own log files.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_SLACK_SECONDS = 2.0
"""Times of a file system are coarser than the clock."""


def give_to_owner(folder: Path, since: float) -> None:
    """Does nothing for anybody but root. `since` in epoch seconds. What cannot be changed stays as it is."""
    if os.geteuid() != 0:
        return
    try:
        owner = folder.stat()
        if owner.st_uid == 0:
            return
        for path in _fresh(folder, since - _SLACK_SECONDS):
            found = path.lstat()
            if found.st_uid == 0 and (
                stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)
            ):
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    except OSError:
        return


def _fresh(folder: Path, since: float) -> Iterator[Path]:
    """The folder's own entries and theirs; below `blobs` only of folders that have changed: a store may hold millions."""
    for path in folder.iterdir():
        yield path
        if path.name != "blobs" and path.is_dir() and not path.is_symlink():
            yield from path.iterdir()
    blobs = folder / "blobs"
    for group in blobs.iterdir() if blobs.is_dir() and not blobs.is_symlink() else ():
        yield group
        if group.is_dir() and not group.is_symlink() and group.stat().st_mtime >= since:
            yield from group.iterdir()
