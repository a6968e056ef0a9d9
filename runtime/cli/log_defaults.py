"""What is logged where the user configured nothing."""

import logging
from typing import Final

from runtime.redaction.redactor import IDLE, Redactor

FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _RedactingFormatter(logging.Formatter):
    """Writes records, errors and their tracebacks included, without the secrets in them."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(FORMAT)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.text(super().format(record))


def log_by_default(redactor: Redactor = IDLE) -> None:
    """Shows on stderr what nobody's handler takes: INFO and above of ours, WARNING and above of others.

    Never by a handler of a logger: `basicConfig` does nothing where the root has one, and a user's own configuration
    must win whenever it comes. Call it once the user's code is loaded: levels that were chosen there stay.

    Args:
        redactor: takes secrets out of what is shown.
    """
    shown = logging.StreamHandler()
    shown.setFormatter(_RedactingFormatter(redactor))
    logging.lastResort = shown
    ours = logging.getLogger("causeline")
    if not _is_configured(logging.getLogger(), logging.WARNING) and not _is_configured(ours, logging.NOTSET):
        ours.setLevel(logging.INFO)


def _is_configured(logger: logging.Logger, level: int) -> bool:
    """Whether a logger has handlers, or another level than it comes with."""
    return bool(logger.handlers) or logger.level != level
