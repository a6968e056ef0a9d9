"""The app of the homes as a worker of today runs it: all goes well, and every attempt is noted in a diary."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runtime import Context
from tests.diary import Diary
from tests.upgrade import parcels

FOLDER: Final = "OPENED_FOLDER"
"""Variable with the path of the diary's folder."""


class Noting:
    """A world that notes who came, and with what."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary

    async def meet(self, work: str, context: Context, given: Mapping[str, Any]) -> None:
        seen = {name: repr(value) for name, value in given.items()}
        self._diary.note(
            "attempt", work, subject=context.subject, attempt=context.attempt, round=context.round, seen=seen
        )


if FOLDER in os.environ:
    app = parcels.declared(Noting(Diary(Path(os.environ[FOLDER])))).app
