"""A statement of the store, which is a file."""

from enum import StrEnum
from functools import cache
from importlib.resources import files


class Statement(StrEnum):
    """Statements; each is the file of its path."""

    @property
    def sql(self) -> str:
        """The statement's text."""
        return _read(self.value)


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
