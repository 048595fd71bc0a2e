"""The media folder: bytes under the hash of themselves, so that the same picture lies there once and a changed one is noticed."""

import os
import re
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".new-"


class MediaStore:
    """Files of one folder. All methods block: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, digest: str) -> Path:
        """Where the bytes with this sha256 lie. Raises `ValueError` for anything that is no such digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a sha256 digest")
        return self._folder / digest[:2] / digest

    def write(self, content: bytes) -> str:
        """Keep the bytes; their sha256. When it returns they survive a power cut. Raises `OSError`."""
        digest = sha256(content).hexdigest()
        path = self.path_of(digest)
        if not self._is_whole(path, content):
            self._write_anew(path, content)
        return digest

    def read(self, digest: str) -> bytes:
        """The bytes. Raises `FileNotFoundError` when they are not there, `OSError` when they are not what they were."""
        content = self.path_of(digest).read_bytes()
        if sha256(content).hexdigest() != digest:
            raise OSError(f"kept media {digest[:12]} was changed or damaged")
        return content

    def remove(self, digest: str) -> None:
        """Erase the bytes; harmless when they are gone."""
        self.path_of(digest).unlink(missing_ok=True)

    def _is_whole(self, path: Path, content: bytes) -> bool:
        try:
            return path.read_bytes() == content
        except FileNotFoundError:
            return False

    def _write_anew(self, path: Path, content: bytes) -> None:
        self._make_folder(path.parent)
        unfinished = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
        try:
            # Photos of people: for the service's own user only.
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink()
            raise
        _sync_folder(path.parent)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is (POSIX; Windows has no such call)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
