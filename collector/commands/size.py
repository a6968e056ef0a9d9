"""Bytes in words."""

from typing import Final

_KIB: Final = 2**10
_MIB: Final = 2**20


def format_bytes(size: int) -> str:
    """Returns a number of bytes in MiB, or in KiB where that is less than one."""
    return f"{size / _MIB:,.1f} MiB" if size >= _MIB else f"{size / _KIB:,.0f} KiB"
