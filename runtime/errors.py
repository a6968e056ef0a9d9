"""Everything that the runtime raises on purpose, in one tree."""

from runtime.vocabulary import DeadLetterReason


class CauselineError(Exception):
    """Root of all errors of the runtime."""


class SettingsError(CauselineError):
    """Raised when a `CAUSELINE_*` variable does not parse; one line names variable, value and what is allowed."""


class DefinitionError(CauselineError):
    """Raised when an app, workflow, step or subscription is declared in a way that can't work."""


class ServerError(CauselineError):
    """Raised when the Redis or Valkey server is not there, or is not fit for durable work.

    Attributes:
        answer: the server's own words, or its driver's.
    """

    def __init__(self, message: str, answer: str = "") -> None:
        super().__init__(message)
        self.answer = answer


class ServerUnavailableError(ServerError):
    """Raised when the server does not answer, or can't serve now; what was asked may succeed later."""


class ServerDeniedError(ServerUnavailableError):
    """Raised when the server does not let this user in, or not with this password; it may later."""


class ServerFullError(ServerUnavailableError):
    """Raised when the server's memory is full; nothing was changed."""


class BrokerUnavailableError(ServerUnavailableError):
    """Raised when RabbitMQ does not answer, or lacks what is asked of it: a queue, an exchange, a right."""


class UnroutableError(CauselineError):
    """Raised when RabbitMQ gives a message back, because no queue is bound to where it was sent."""


class OutboxFullError(ServerUnavailableError):
    """Raised when so many published events wait to be carried that no more are taken; nothing was changed."""


class CommandRefusedError(ServerError):
    """Raised when the server refuses what it was asked: a value is too large, say, or a right is missing."""


class ChildError(CauselineError):
    """Raised when a process that a command started does not come up, or ends by itself; shows its last lines."""


class QueryError(CauselineError):
    """Raised when a question can't be read, such as one for the page behind a cursor that no page ever gave."""


class StreamFullError(CauselineError):
    """Raised when a channel is at its cap and refuses an event from outside; nothing was published."""


class GroupLostError(CauselineError):
    """Raised when the server does not know a group any more that was registered: its data was removed."""


class KeyConflictError(CauselineError):
    """Raised when a key of the caller's own stands for other inputs, or another payload, already; nothing was done."""


class RunNotFoundError(CauselineError):
    """Raised when no run has the id asked for."""


class RunNotFailedError(CauselineError):
    """Raised when a run is to be resumed that has not failed."""


class RunGoesOnError(CauselineError):
    """Raised when a run is to be undone that has not ended."""


class ScheduleNotFoundError(CauselineError):
    """Raised when no app has a schedule of the name asked for, or several have."""


class ScheduleInUseError(CauselineError):
    """Raised when a schedule is to be removed that live workers declare."""


class GroupInUseError(CauselineError):
    """Raised when a group is to be retired that live workers serve."""


class GroupNotFoundError(CauselineError):
    """Raised when a channel has no group of the name asked for."""


class LetterNotFoundError(CauselineError):
    """Raised when no dead letter has an id asked for."""


class RunFailedError(CauselineError):
    """Raised by `result()` when the run failed; the message names the step and its last error."""


class RunDeadlineError(RunFailedError):
    """Raised by `result()` when the run was not done by its deadline; the message names what was cut off."""


class RunCancelledError(CauselineError):
    """Raised by `result()` when the run was cancelled."""


class NonRetryableError(CauselineError):
    """Raised by the user's own code to say that trying again can't help: the step fails, the delivery goes dead."""


class MessageRefusedError(NonRetryableError):
    """Raised when RabbitMQ can never take a message: it is too large, say."""


class DiedElsewhereError(NonRetryableError):
    """Raised for what has died before it came here, so that it is a dead letter here, too.

    Attributes:
        reason: why, as our own letters say it.
    """

    def __init__(self, message: str, reason: DeadLetterReason) -> None:
        super().__init__(message)
        self.reason = reason


class CallChangedError(NonRetryableError):
    """Raised when a recorded call is made again with other arguments than those that its result was recorded for."""


class CallUncountedError(NonRetryableError):
    """Raised when a recorded call was made, and nobody can say what it has cost. Its result is recorded."""


class RoundsSpentError(NonRetryableError):
    """Raised when a loop has had all its rounds, and what it makes is not good yet."""


class SubWorkflowError(NonRetryableError):
    """Raised when the run that a step is has failed, was cancelled, or could not be undone."""


class BudgetCancelledError(NonRetryableError):
    """Raised for work whose budget somebody has cancelled."""


class BudgetNotFoundError(CauselineError):
    """Raised when no budget has the id asked for."""


class StepNotFoundError(CauselineError):
    """Raised when no step with a successor has the name asked for, or several have it."""


class BreakerNotFoundError(CauselineError):
    """Raised when no breaker has the name asked for."""


class NoListError(NonRetryableError):
    """Raised when what a step goes over is no list, or one of too many items."""


class WaitTimeoutError(CauselineError, TimeoutError):
    """Raised when nobody has answered in time what a step waits for."""


class AnswerRefusedError(CauselineError):
    """Raised when an answer is not taken: it does not fit, another was first, or nobody waits any more."""


class AttemptStaleError(CauselineError):
    """Raised in code whose attempt has lost its lease: another worker goes on with the work."""


class UndecodableError(CauselineError):
    """Raised when a value does not fit the type that it is to be read into."""


class UnencodableError(CauselineError):
    """Raised when a value can't travel: names whose it is, the place within it, and its type."""


class StateKeyNotFoundError(CauselineError):
    """Raised when a run has no key of that name."""


class KeyTooLargeError(UnencodableError):
    """Raised when the value of a key is larger than a key may be: names the key, whose it is, and both sizes."""


class PoisonError(CauselineError):
    """Raised for work that keeps killing its worker, to give it up."""
