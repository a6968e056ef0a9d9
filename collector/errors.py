"""Everything that the collector raises on purpose, in one tree. `api/errors.py` maps it to what the API answers, and
`otlp/refusals.py` to what senders of telemetry are."""


class CollectorError(Exception):
    """Root of all errors of the collector."""


class SettingsError(CollectorError):
    """Raised when a `CAUSELINE_*` variable does not parse; one line names variable, value and what is allowed."""


class StartError(CollectorError):
    """Raised when the collector can't start: its port is taken, or its database can't be had. One line says why."""


class DatabaseLockedError(StartError):
    """Raised when another process holds the database."""


class SchemaNewerError(StartError):
    """Raised when the database was written by a newer collector; nothing in it was changed."""


class UndecodableError(CollectorError):
    """Raised when a request's bytes are no message of its type."""


class TooLargeError(CollectorError):
    """Raised when a request, once decompressed, is larger than allowed."""


class TooSlowError(CollectorError):
    """Raised when a request comes more slowly than allowed."""


class OverloadedError(CollectorError):
    """Raised when more spans or questions wait than allowed; whoever asked should try again shortly."""


class BusyError(OverloadedError):
    """Raised when a question waited or took longer than allowed, or nobody is there for its answer any more."""


class UnfinishedError(BusyError):
    """Raised when a question took longer than allowed, and what was worked out for it is remembered: asked again, it
    goes on from there."""


class TooMuchError(CollectorError):
    """Raised when an answer would be larger than allowed."""


class StoreError(CollectorError):
    """Raised when the store can't be used now: spans were not committed, none of them, or questions not answered."""


class RoomError(StoreError):
    """Raised when what was asked did not fit into the memory that the database had. It has more now: ask again."""


class ArchiveError(CollectorError):
    """Raised when an export can't be written, or a file to be imported is none, or does not fit. One line says why."""


class RuleTooSlowError(CollectorError):
    """Raised when a question to the store was cut off because it took too long."""


class NotFoundError(CollectorError):
    """Raised when nothing has the id asked for.

    Args:
        what: the kind of thing, such as `event`.
        name: the id as it was asked for.
        known: what is known of it all the same, or where it was looked for; may be empty.
        see: where to look instead; may be empty.
    """

    def __init__(self, what: str, name: str, known: str = "", see: str = "") -> None:
        super().__init__(f"there is no {what} {name}{': ' if known else ''}{known}")
        self.what = what
        self.name = name
        self.see = see


class ConflictError(CollectorError):
    """Raised when something is not in the state that a request needs.

    Args:
        code: stable name of the conflict.
        message: a sentence.
        hint: what to do about it.
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class BadQueryError(CollectorError):
    """Raised when a request's parameters contradict each other or a cursor can't be read."""


class BusUnavailableError(CollectorError):
    """Raised when the live bus can't be reached."""


class UnauthenticatedError(CollectorError):
    """Raised when nobody knows who asks.

    Args:
        message: a sentence.
        hint: what to do about it.
        is_invalid: whether a token was presented.
    """

    def __init__(self, message: str, hint: str, *, is_invalid: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.is_invalid = is_invalid


class ForbiddenError(CollectorError):
    """Raised when whoever asks may not do that.

    Args:
        message: a sentence.
        hint: what to do about it.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
