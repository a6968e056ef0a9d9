"""How many things a request may be made of, and what each of them takes in memory while it is decoded."""

from typing import Final

from collector.errors import TooLargeError

#: Bytes that a message of protobuf takes once it is decoded. Measured with a million empty ones: 25 to 40 for values,
#: attributes and events, 100 for links and metrics, 160 to 180 for spans, log records and data points.
MESSAGE_BYTES: Final = 100

#: Bytes that a value takes in JSON, as a Python object, as a message, and decoded.
VALUE_BYTES: Final = 300


def refuse_more(found: int, limit: int) -> None:
    """Makes sure that a request is made of no more things than allowed.

    Raises:
        TooLargeError: when it is.
    """
    if found > limit:
        raise TooLargeError(
            f"the request is made of more than {limit} spans, attributes, values and other items "
            "(CAUSELINE_REQUEST_LIMIT_ITEMS); send fewer at once"
        )
