"""Why a delivery goes dead. Pure."""

from runtime.errors import DiedElsewhereError, UndecodableError
from runtime.resilience.retry import Retry
from runtime.semconv import DeadLetterReason


def dead_letter_reason(error: BaseException, failed: int, retry: Retry) -> DeadLetterReason:
    """The reason of a letter.

    Args:
        error: that its last attempt ended in.
        failed: how many attempts of its round ended so.
        retry: how often it might have been tried.
    """
    if isinstance(error, UndecodableError):
        return DeadLetterReason.UNDECODABLE
    if isinstance(error, DiedElsewhereError):
        return error.reason
    if retry.is_final(error):
        return DeadLetterReason.NON_RETRYABLE
    return DeadLetterReason.EXPIRED if failed < retry.attempts else DeadLetterReason.MAX_ATTEMPTS
