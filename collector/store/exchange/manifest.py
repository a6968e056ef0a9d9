"""What an export says of itself; it is the first thing that an import reads, and believes nothing of it unseen."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from collector.errors import ArchiveError
from collector.store import schema

NAME: Final = "manifest.json"

#: Bytes of the largest manifest that is read.
_MOST: Final = 2**20


class Manifest(BaseModel):
    """An export."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["causeline-export"] = "causeline-export"
    format_version: Literal[1] = 1
    schema_version: Annotated[int, Field(ge=1)]
    """Of the store that it was made of, which its tables have the columns of."""
    since: str
    """First moment of the range (RFC 3339)."""
    until: str
    """End of the range, exclusive (RFC 3339)."""
    tables: dict[str, Annotated[int, Field(ge=0)]]
    """Rows of each table; `NAME.parquet` holds them."""


def read(folder: Path) -> Manifest:
    """Reads an export's manifest.

    Args:
        folder: where the export lies.

    Raises:
        ArchiveError: when there is none that this collector can read.
    """
    path = folder / NAME
    try:
        if path.stat().st_size > _MOST:
            raise ArchiveError(f"{NAME} is too large to be one of an export")
        manifest = Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ArchiveError(f"this is not an export: {NAME} can't be read ({error.strerror})") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ArchiveError(f"{NAME} can't be used: {where or 'it'}: {first['msg']}") from None
    if manifest.schema_version > schema.newest_version():
        raise ArchiveError(
            f"the export has schema version {manifest.schema_version}, newer than this collector's "
            f"{schema.newest_version()}: "
            "import it with the newer collector"
        )
    return manifest
