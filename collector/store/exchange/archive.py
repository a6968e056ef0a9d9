"""An export as one file, a tar: written as a stream, and read without believing its names."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from collector.errors import ArchiveError
from collector.store.exchange.manifest import NAME
from collector.store.exchange.workspace import require_room
from collector.store.tables import TABLES

_CHUNK: Final = 2**20
_BLOCK: Final = 512

#: What an export may hold, in the order of its files.
MEMBERS: Final = (NAME, *(f"{table.name}.parquet" for table in TABLES))


def pack(folder: Path) -> Iterator[bytes]:
    """Returns the tar of a folder that holds an export, piece by piece."""
    for name in MEMBERS:
        path = folder / name
        if not path.exists():
            continue
        info = tarfile.TarInfo(name)
        info.size, info.mode = path.stat().st_size, 0o600
        yield info.tobuf(tarfile.PAX_FORMAT)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
        yield b"\0" * (-info.size % _BLOCK)
    yield b"\0" * 2 * _BLOCK


def unpack(source: IO[bytes], folder: Path) -> None:
    """Writes an export's files into a folder; what else the tar holds is refused.

    Args:
        source: the tar.
        folder: an empty folder.

    Raises:
        ArchiveError: when it is no tar of an export, or the disk has too little room.
    """
    try:
        with tarfile.open(fileobj=source, mode="r|") as archive:
            for member in archive:
                _unpack_member(archive, member, folder)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise ArchiveError(f"this is not a whole export: {error}") from None
    except OSError as error:
        raise ArchiveError(f"the export can't be unpacked into {folder}: {error.strerror or error}") from None


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    if member.name not in MEMBERS or member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise ArchiveError(f"this is not an export: it holds {member.name[:100]!r}")
    require_room(folder, member.size)
    path = folder / member.name
    content = archive.extractfile(member)
    if content is None or path.exists():
        raise ArchiveError(f"this is not an export: it holds {member.name!r} twice")
    path.touch(0o600)
    left = member.size
    with path.open("wb") as file:
        while chunk := content.read(_CHUNK):
            left -= file.write(chunk)
    if left:
        raise ArchiveError(f"this is not a whole export: {member.name} ends too early")
