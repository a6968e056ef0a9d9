"""Random bits: none is given out twice, not even by a process and its fork."""

import os

from runtime.causality.chance import random_bytes


def test_no_bytes_are_given_out_twice():
    """Across many questions to the system."""
    given = [random_bytes(8) for _ in range(5000)]
    assert len(set(given)) == 5000
    assert {len(one) for one in given} == {8}


def test_a_fork_gives_out_others():
    """Parent and child hold the same memory."""
    random_bytes(8)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, random_bytes(8))
        os._exit(0)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as file, os.fdopen(writing, "wb"):
        assert file.read(8) != random_bytes(8)
