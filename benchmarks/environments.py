"""Virtual environments of peers, made when they are first needed from the versions pinned in `peers/<name>.txt`."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).resolve().parent
_VENVS: Final = _HERE / ".venvs"
_INSTALL_S: Final = 600

#: The Python that runs ours.
OURS: Final = sys.executable


class PeerMissingError(RuntimeError):
    """Raised when a peer can't be installed here."""


def python_of(name: str) -> Path:
    """The Python of a peer's environment."""
    return _VENVS / name / "bin" / "python"


def provide(name: str) -> None:
    """Makes a peer's environment unless it is there, made from the same pins.

    Raises:
        PeerMissingError: it can't be installed; says why.
    """
    pins = _HERE / "peers" / f"{name}.txt"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    stamp = _VENVS / name / "pins"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", str(pins)]
    try:
        _run([sys.executable, "-m", "venv", "--clear", str(_VENVS / name)])
        _run([str(python_of(name)), *install])
    except (subprocess.SubprocessError, OSError) as error:
        words = getattr(error, "stderr", "") or str(error)
        raise PeerMissingError(f"{name} can't be installed: {words.strip().splitlines()[-1]}") from None
    stamp.write_text(wanted)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_S)
