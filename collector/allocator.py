"""What the C library does with memory that is given back."""

import ctypes
from contextlib import suppress
from typing import Final

#: Of glibc's `mallopt` (malloc.h): the most heaps that threads share.
_ARENA_MAX: Final = -8
_ARENAS: Final = 2


def keep_few_arenas() -> None:
    """Lets all threads share two heaps.

    By itself glibc gives each thread one, up to eight for each core, and what one thread takes and another gives back
    stays in pieces: a collector under steady load grew by 40 KiB a request, and by 12 with two, nearly all of which is
    data that is not folded into its file yet. Other C libraries have no such setting, and nothing is done.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)
