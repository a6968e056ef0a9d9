"""Parameters that a function's code never mentions. Pure.

What is asked for and never used makes an agent's context larger than it has to be. Only plain functions can be told of:
what a decorator hides, or what looks at its own variables, may use anything.
"""

import dis
import inspect
from collections.abc import Callable
from types import CodeType
from typing import Any, Final

from runtime.definitions.callables import code_of

#: Functions with which code looks at its own variables.
_LOOKS: Final = frozenset({"locals", "vars", "eval", "exec", "dir"})


def find_unused_parameters(function: Callable[..., Any]) -> frozenset[str]:
    """The parameters that a function never reads. `del name` counts as a use: it says that it is meant so.

    Args:
        function: as it was declared.
    """
    plain = code_of(function)
    code = getattr(plain, "__code__", None)
    if not isinstance(code, CodeType) or hasattr(plain, "__wrapped__") or _LOOKS & {*code.co_names}:
        return frozenset()
    names = inspect.getargs(code)
    parameters = frozenset((*names.args, *(one for one in (names.varargs, names.varkw) if one)))
    return parameters - _used_names(code)


def _used_names(code: CodeType) -> set[str]:
    used = set(code.co_cellvars)  # functions within read them
    for one in dis.get_instructions(code):
        if "FAST" in one.opname and one.opname != "STORE_FAST":
            # Some instructions of newer interpreters stand for two variables.
            used.update(one.argval if isinstance(one.argval, tuple) else (one.argval,))
    return used
