"""What workers of the crash tests did, in an append-only file that outlives them; and the gates they wait at."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any


class Diary:
    """Rows that many processes append, each with one atomic write.

    Args:
        folder: of one test.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "diary.jsonl"

    def note(self, what: str, key: str, **more: Any) -> None:
        """Adds a row: what happened, to what, in which process."""
        row = json.dumps({"what": what, "key": key, "pid": os.getpid(), **more}) + "\n"
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, row.encode())
        finally:
            os.close(file)

    def rows(self, what: str, **wanted: Any) -> list[dict[str, Any]]:
        """All rows of one kind whose fields are as wanted, in order."""
        text = self._path.read_text() if self._path.exists() else ""
        rows = [json.loads(line) for line in text.split("\n")[:-1]]  # the last may be on its way
        return [row for row in rows if row["what"] == what and wanted.items() <= row.items()]

    def count(self, what: str, **wanted: Any) -> Counter[str]:
        """How often each key has such a row."""
        return Counter(row["key"] for row in self.rows(what, **wanted))

    def release(self, pid: int) -> None:
        """Lets a process go on that waits at its gate."""
        self._gate(pid).touch()

    def is_released(self, pid: int) -> bool:
        """Whether a process may pass its gate."""
        return self._gate(pid).exists()

    def lose_carrier(self, after: int = 0) -> None:
        """Has the carrier be down from now on, or once it has served so many."""
        begun = self._outage.with_suffix(".begun")
        begun.write_text(str(after))
        begun.replace(self._outage)  # whoever reads it finds a whole number

    def mend_carrier(self) -> None:
        """Has the carrier be there again."""
        self._outage.unlink()

    def has_carrier(self, served: int = 0) -> bool:
        """Whether the carrier answers when it has served so many."""
        try:
            return served < int(self._outage.read_text())
        except FileNotFoundError:
            return True

    @property
    def _outage(self) -> Path:
        return self.folder / "carrier-down"

    def _gate(self, pid: int) -> Path:
        return self.folder / f"released-{pid}"
