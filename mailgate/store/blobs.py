"""Bytes by their digest: small ones as compressed rows, large ones as files that are synced before they are named.

Takes bytes, or pieces through a `BlobWriter`; gives the SHA-256 under which they are found again.
Promises: equal bytes are stored once; a blob that has a row or a name is complete and on disk; a name from mail never
becomes a path. The border was measured: above it a file costs less than the database's pages and its log.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailgate import clock
from mailgate.errors import NotFoundError, TemporaryError
from mailgate.store.engine import Reader, Tx

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BORDER = 128 * 1024
_LEVEL = 1
_MIN_COMPRESSED = 256


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """Bytes that are already on disk as a file."""

    sha256: str
    size: int


class BlobWriter:
    """Receives a large blob in pieces. `commit()` syncs and names it; `abort()` removes it. Both are idempotent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digest = hashlib.sha256()
        self.size = 0
        try:
            incoming = folder / "incoming"
            incoming.mkdir(mode=0o700, exist_ok=True, parents=True)
            self._path = incoming / secrets.token_hex(12)
            self._file = open(self._path, "xb", buffering=0)  # noqa: SIM115 - lives until commit or abort
        except OSError as error:
            raise _temporary(error) from error

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Appends a piece. Raises TemporaryError where the disk is full."""
        try:
            view = memoryview(piece)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            self.abort()
            raise _temporary(error) from error
        self._digest.update(piece)
        self.size += len(piece)

    def commit(self) -> StoredBlob:
        """Syncs the file, gives it its name, syncs the folders. Raises TemporaryError."""
        name = self._digest.hexdigest()
        try:
            if not self._file.closed:
                os.fsync(self._file.fileno())
                self._file.close()
                target = _path(self._folder, name)
                if not target.parent.exists():
                    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    _sync_folder(target.parent.parent)
                os.replace(self._path, target)
                _sync_folder(target.parent)
        except OSError as error:
            self.abort()
            raise _temporary(error) from error
        return StoredBlob(name, self.size)

    def abort(self) -> None:
        """Forgets what was written."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class BlobStore:
    """The blobs of one installation."""

    border = BORDER

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self) -> BlobWriter:
        """For bytes above `border`, or of unknown size. Raises TemporaryError."""
        return BlobWriter(self.folder)

    def write_large(self, data: bytes) -> StoredBlob:
        """Stores bytes as a file at once. Raises TemporaryError."""
        writer = self.writer()
        writer.write(data)
        return writer.commit()

    def put(self, tx: Tx, data: bytes, sha256: str | None = None) -> str:
        """Stores bytes within a transaction: as a row, or above the border as a file. Gives the digest."""
        name = sha256 or hashlib.sha256(data).hexdigest()
        if len(data) > BORDER:
            if not tx.value("SELECT 1 FROM blob WHERE sha256 = :s", {"s": name}):
                self.write_large(data)
                self.register(tx, StoredBlob(name, len(data)))
            return name
        packed = zstd.compress(data, _LEVEL) if len(data) >= _MIN_COMPRESSED else data
        compressed = len(packed) < len(data)
        tx.run(
            "INSERT INTO blob (sha256, size, packing, data, created_at) VALUES (:s, :n, :p, :d, :at)"
            " ON CONFLICT (sha256) DO NOTHING",
            {
                "s": name,
                "n": len(data),
                "p": "zstd" if compressed else "plain",
                "d": packed if compressed else data,
                "at": clock.now(),
            },
        )
        return name

    def register(self, tx: Tx, blob: StoredBlob) -> str:
        """Makes a row for a blob that a `BlobWriter` committed."""
        tx.run(
            "INSERT INTO blob (sha256, size, packing, created_at) VALUES (:s, :n, 'file', :at)"
            " ON CONFLICT (sha256) DO NOTHING",
            {"s": blob.sha256, "n": blob.size, "at": clock.now()},
        )
        return blob.sha256

    def get(self, db: Reader, sha256: str) -> bytes:
        """The bytes. Raises NotFoundError where they are gone, TemporaryError where the disk fails."""
        row = db.one("SELECT packing, data FROM blob WHERE sha256 = :s", {"s": sha256})
        if row is None:
            raise NotFoundError(f"The stored bytes {sha256[:12]}… are gone; retention may have removed them.")
        if row["packing"] == "file":
            path = _path(self.folder, sha256)
            try:
                return path.read_bytes()
            except FileNotFoundError as error:
                if not self.folder.is_dir():  # the disk may not be mounted
                    raise _temporary(error) from error
                raise NotFoundError(f"The file of the stored bytes {sha256[:12]}… is gone: {path}") from error
            except OSError as error:
                raise _temporary(error) from error
        data: bytes = row["data"]
        return zstd.decompress(data) if row["packing"] == "zstd" else data

    def file_of(self, db: Reader, sha256: str) -> Path | None:
        """The file of a large blob, to be read in pieces; None for one that is a row, or gone."""
        packing = db.value("SELECT packing FROM blob WHERE sha256 = :s", {"s": sha256})
        return _path(self.folder, sha256) if packing == "file" else None

    def path_of(self, blob: StoredBlob) -> Path:
        """The file of a blob that a `BlobWriter` committed; it may have no row yet."""
        return _path(self.folder, blob.sha256)

    def remove(self, tx: Tx, sha256: str) -> bool:
        """Removes the row of a blob that nothing refers to; True where its file is to be discarded after the commit."""
        packing = tx.value("SELECT packing FROM blob WHERE sha256 = :s", {"s": sha256})
        tx.run("DELETE FROM blob WHERE sha256 = :s", {"s": sha256})
        return bool(packing == "file")

    def discard_file(self, sha256: str, older_than: float) -> None:
        """Removes the file of a removed blob, unless the same bytes have just come again.

        It is renamed before it is looked at: a writer that names the same bytes in between makes a new file.
        """
        target = _path(self.folder, sha256)
        aside = self.folder / "incoming" / f"{sha256}.discarded"
        try:
            aside.parent.mkdir(mode=0o700, exist_ok=True, parents=True)
            os.rename(target, aside)
            if aside.stat().st_mtime >= older_than:
                os.rename(aside, target)
            else:
                aside.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise _temporary(error) from error

    def old_files(self, older_than: float) -> Iterator[str]:
        """The digests of files last written before the epoch time `older_than`."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for entry in os.scandir(folder):
                if entry.stat().st_mtime < older_than:
                    yield folder.name + entry.name

    def clean_incoming(self, older_than: float) -> int:
        """Removes pieces that a crash left behind, last written before the epoch time `older_than`."""
        incoming = self.folder / "incoming"
        removed = 0
        for path in incoming.iterdir() if incoming.exists() else ():
            if path.stat().st_mtime < older_than:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def free_bytes(self) -> int:
        """Free disk where the store lives."""
        folder: Any = self.folder
        while not folder.exists():
            folder = folder.parent
        return shutil.disk_usage(folder).free


def _path(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256[2:]


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary(error: OSError) -> TemporaryError:
    return TemporaryError(f"The disk cannot be used right now: {error.strerror or error}. Check space and permissions.")
