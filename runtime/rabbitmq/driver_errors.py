"""The driver's errors as ours: one line each, which says what to do."""

import re
from typing import Final

from aiormq import exceptions as driver

from runtime.errors import BrokerUnavailableError, CauselineError, MessageRefusedError
from runtime.rabbitmq.address import Address

#: What the driver raises when something is wrong with the server, or with the way to it; the rest are faults of ours.
TROUBLES: Final = (driver.AMQPError, driver.InvalidFrameError, RuntimeError, OSError, TimeoutError)

_LARGEST: Final = re.compile(r"message size \d+ is larger than configured max size (\d+)")
_TOO_LATE: Final = "expected 'channel.open'"
_OTHER: Final = re.compile(
    r"inequivalent arg '([^']+)' for (\w+) '([^']*)' in vhost '[^']*': "
    r"received (?:the value )?(.+?)(?: of type '\w+')? but current is (?:the value )?(.+?)(?: of type '\w+')?$"
)
_MISSING: Final = re.compile(r"no (exchange|queue) '([^']*)'")


def connection_error(error: BaseException, address: Address) -> BrokerUnavailableError:
    """Why there is no connection."""
    words = str(error) or type(error).__name__
    if isinstance(error, driver.AuthenticationError | driver.ProbableAuthenticationError):
        why = f"does not let user {address.user} in: see to the user and the password in {address.setting}"
    elif isinstance(error, driver.InvalidFrameError) and "OpenOk" in words:
        why = (
            f"does not open the virtual host {address.virtual_host} for user {address.user}: is it there (rabbitmqctl "
            "add_vhost), and has the user rights in it (rabbitmqctl set_permissions)?"
        )
    else:
        why = f"does not answer ({words}): is it running?"
    return BrokerUnavailableError(f"RabbitMQ at {address} {why}", words)


def request_error(error: BaseException, address: Address) -> BrokerUnavailableError:
    """Why it refuses what it was asked."""
    words = str(error) or type(error).__name__
    if found := _MISSING.search(words):
        kind, name = found.groups()
        hint = "declare=True makes it" if kind == "queue" else "make it, or correct its name"
        why = f"has no {kind} {name!r} in virtual host {address.virtual_host}: {hint}"
    elif found := _OTHER.search(words):
        argument, kind, name, wanted, is_ = found.groups()
        why = (
            f"has the {kind} {name!r} with {argument} {is_}, and not {wanted}, as it would be declared: leave declare= "
            "out to use it as it is, or remove it"
        )
    elif isinstance(error, driver.ChannelAccessRefused):
        why = (
            f"does not allow user {address.user} that ({words.removeprefix('ACCESS_REFUSED - ')}): give the right by "
            "rabbitmqctl set_permissions"
        )
    elif _TOO_LATE in words:
        why = f"has closed the connection, since a channel was closed in that moment ({words}): it is made anew"
    else:
        why = f"does not answer ({words}): is it running?"
    return BrokerUnavailableError(f"RabbitMQ at {address} {why}", words)


def sending_error(error: BaseException, address: Address, size: int) -> CauselineError:
    """Why a message of so many bytes did not arrive. What was another's fault is not held against it: a message that is
    refused takes its channel with it, and all that was under way there."""
    found = _LARGEST.search(str(error))
    if found and size > int(found[1]):
        return MessageRefusedError(
            f"RabbitMQ at {address} takes messages of {found[1]} bytes at most, and this one has {size}: raise its "
            "max_message_size, or send less"
        )
    return request_error(error, address)


def is_of_another(error: BaseException, size: int) -> bool:
    """Whether a channel was closed because of another message than one of so many bytes, or before that was sent."""
    words = str(error)
    found = _LARGEST.search(words)
    # What is sent in the moment in which a channel is closed ends the connection.
    is_late = isinstance(error, driver.ChannelInvalidStateError) or _TOO_LATE in words
    return is_late or (found is not None and size <= int(found[1]))
