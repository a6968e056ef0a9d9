"""How people call the command line from where they are."""

import shutil
import sys
from pathlib import Path


def call(words: str) -> str:
    """A command line to copy: the program's path where its name alone would not be found.

    Args:
        words: what follows the program's name.
    """
    script = Path(sys.executable).with_name("causeline")  # an environment that was not activated
    if shutil.which("causeline"):
        program = "causeline"
    elif script.is_file():
        here = Path.cwd()
        program = str(script.relative_to(here) if script.is_relative_to(here) else script)
    else:
        program = f"{sys.executable} -m causeline"
    return f"{program} {words}"
