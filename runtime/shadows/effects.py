"""What a step does beside its result, and its successor would do: how often each, by what it is called. Pure.

Of what is published and written it is compared whether it is done, and how often, not what is in it.
"""

import json
from collections.abc import Collection, Iterator, Mapping

from runtime.shadows.comparison import ABSENT, Difference

#: By a name such as `publish mails`, how often it is done.
Effects = Mapping[str, int]


def encode_effects(effects: Effects) -> str:
    """They, as an event carries them to whoever compares."""
    return json.dumps(dict(effects))


def decode_effects(text: str) -> Effects | None:
    """They, as an event has brought them; None where it has not, as one that was sent by an earlier version."""
    return {str(name): int(count) for name, count in json.loads(text).items()} if text else None


def compare_effects(step: Effects, successor: Effects, ignore: Collection[str]) -> Iterator[Difference]:
    """Where the two differ.

    Args:
        step: what the step did.
        successor: what its successor would do.
        ignore: names that are not compared.
    """
    for name in sorted(step.keys() | successor.keys()):
        ours, theirs = step.get(name, 0), successor.get(name, 0)
        if ours != theirs and name not in ignore:
            yield Difference(name, *(str(count) if count else ABSENT for count in (ours, theirs)))
