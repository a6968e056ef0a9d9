"""Keeps the collector's process from importing what is installed for others, and is of no use here."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

#: PyArrow imports pandas, where there is one, with the first array that it makes of Python's values or turns into
#: NumPy's: 0.4 s of a start, and 35 MiB. Nothing here takes or makes a data frame.
UNUSED: Final = frozenset({"pandas"})


class _BlockingFinder:
    """Finds no module, and has nobody else look for some."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in UNUSED:
            raise ModuleNotFoundError(f"the collector does without {name}", name=name)
        return None


def block_unused_imports() -> None:
    """Makes every import of what is unused fail from now on, as if it was not installed."""
    sys.meta_path.insert(0, _BlockingFinder())
