"""Starting Python again for modules of ours."""

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]


def python_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours; `-P` keeps a stranger's `runtime.py` in the working folder out."""
    return [sys.executable, "-P", "-m", module, *arguments]


def child_environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with `changes`, in which our packages are found as here.

    A checkout goes on the path; an installed package is on it already, and its folder put before the standard library
    could hide parts of that.
    """
    found = {**os.environ, **(changes or {})}
    if str(_ROOT) not in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        found["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_ROOT), found.get("PYTHONPATH"))))
    return found
