"""What a step or handler may be declared with: how often it is tried, for how long, what guards it; and what may be
said beside a payload or inputs."""

from runtime.bounds import is_satisfied
from runtime.definitions.durations import LONGEST_DAYS
from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry


def check_options(what: str, retry: Retry | None, timeout: float | None, breaker: Breaker | None) -> None:
    """Checks what would else fail only when the work is done.

    Args:
        what: what is declared, for messages, such as `step 'sorting'`.
        retry: as declared.
        timeout: as declared.
        breaker: as declared.

    Raises:
        DefinitionError: one of them can't be.
    """
    if not is_satisfied(lambda: timeout is None or 0 < timeout <= LONGEST_DAYS * 86_400):
        raise DefinitionError(
            f"{what} has a timeout of {_describe_timeout(timeout)}: it must be more than 0, and {LONGEST_DAYS} "
            "days at most"
        )
    if not isinstance(retry, Retry | None):
        raise DefinitionError(f"{what} has the retry {retry!r}: give a Retry, such as Retry(attempts=3)")
    if not isinstance(breaker, Breaker | None):
        raise DefinitionError(f"{what} has the breaker {breaker!r}: give a Breaker, such as Breaker('model-api')")


def checked_agent(what: str, agent: object) -> str:
    """The name of an agent; empty where none was given.

    Raises:
        DefinitionError: it can't be: `causeline worker --agent` could not name it.
    """
    if agent is None:
        return ""
    if isinstance(agent, str) and agent.strip() == agent and agent.isprintable() and agent:
        return agent
    raise DefinitionError(f"the agent of {what} can't be {agent!r}: give a name, such as 'research'")


def checked_flag(what: str, value: object) -> bool:
    """A truth value, if it is one.

    Raises:
        DefinitionError: it is none.
    """
    if isinstance(value, bool):
        return value
    raise DefinitionError(f"{what} can't be {value!r}: give True or False")


def checked_text(what: str, value: object) -> str:
    """A text, if it is one.

    Raises:
        DefinitionError: it is none: whoever reads it takes it for one.
    """
    if isinstance(value, str):
        return value
    raise DefinitionError(f"the {what} can't be {value!r}: give a str")


def check_key(key: object) -> None:
    """Checks the name of a durable key.

    Raises:
        DefinitionError: it is no text, or half a character, which no server can tell from another half.
    """
    try:
        checked_text("state key", key).encode()
    except UnicodeEncodeError:
        raise DefinitionError(f"the state key can't be {key!r}: it holds half a character") from None


def _describe_timeout(timeout: object) -> str:
    return f"{timeout} s" if isinstance(timeout, int | float) else f"{timeout!r}, which is not a number of seconds"
