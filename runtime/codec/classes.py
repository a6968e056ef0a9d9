"""The classes that a reader may restore: those that its annotation leads to, and their subclasses. No others, ever.

What is read says by name which class made it. That name is looked up among these classes alone and is never imported:
otherwise whoever can write to the server could have a reader make an instance of any class there is.
"""

import dataclasses
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar, Final, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from runtime.codec.shapes import class_name, fields_of

#: What the module is called that a process was started with, whatever others import it as.
_MAIN: Final = frozenset({"__main__", "__mp_main__"})


class ReachableClasses:
    """The classes reachable from one annotation.

    Args:
        annotation: a type as a signature declares it.
    """

    __slots__ = ("_annotation", "_classes", "_declared")

    def __init__(self, annotation: Any) -> None:
        self._annotation = annotation
        self._classes: list[type] | None = None
        self._declared: dict[str, type | None] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is no class that has fields or subclasses of its own, as where everything is plain JSON."""
        return not any(_is_user_class(cls) for cls in self._annotated_classes())

    def find_class(self, name: str) -> type | None:
        """The class of that name.

        Args:
            name: as `shapes.class_name` has it.

        Returns:
            A class that the annotation leads to, else a subclass of one or what that one leads to; None where there is
            no such class, and where two in the annotation have the name.
        """
        if name in self._declared:
            return self._declared[name]
        if self._classes is None:
            self._annotated_classes()
            return self.find_class(name)
        return _find_main_alias(name, self._declared) or self._find_subclass(name)

    def _annotated_classes(self) -> list[type]:
        """What the annotation leads to, seen when it is first asked for: by then all that it names is defined."""
        if self._classes is None:
            classes = list(_walk([self._annotation]))
            self._declared = _index(classes, newest=False)
            self._classes = classes
        return self._classes

    def _find_subclass(self, name: str) -> type | None:
        """Looks among all subclasses that there are by now: one may have been defined a moment ago."""
        below = _index(_walk(self._annotated_classes(), subclasses=True), newest=True)
        return below.get(name) or _find_main_alias(name, below)


def _index(classes: Iterable[type], *, newest: bool) -> dict[str, type | None]:
    """Classes by name. Of two by one name it is the `newest`, as where a module was loaded again; else none."""
    index: dict[str, type | None] = {}
    for cls in classes:
        name = class_name(cls)
        index[name] = None if name in index and not newest else cls
    return index


def _find_main_alias(name: str, classes: dict[str, type | None]) -> type | None:
    """The one class of that name whose module was, there or here, the one that the process was started with."""
    module, _, local = name.partition(":")
    found = [
        cls
        for known, cls in classes.items()
        if known.partition(":")[2] == local and not _MAIN.isdisjoint((module, known.partition(":")[0]))
    ]
    return found[0] if len(found) == 1 else None


def _walk(annotations: Iterable[Any], *, subclasses: bool = False) -> Iterator[type]:
    """All classes that annotations lead to, each once."""
    waiting, seen = deque(annotations), dict[int, Any]()
    while waiting:
        annotation = waiting.popleft()
        if id(annotation) in seen:
            continue
        seen[id(annotation)] = annotation  # kept, or another could get its id
        waiting += _parts(annotation)
        if isinstance(annotation, type) and get_origin(annotation) is None:
            waiting += type.__subclasses__(annotation) if subclasses and _is_user_class(annotation) else ()
            yield annotation


def _parts(annotation: Any) -> Iterable[Any]:
    """What an annotation is made of."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return [type(arg) for arg in args if isinstance(arg, Enum)]
    if origin in (type, ClassVar):
        return ()
    if origin is Annotated:
        return args[:1]
    if origin is not None:
        return (origin, *args)
    if isinstance(annotation, type):
        return _members(annotation)
    return annotation if isinstance(annotation, list | tuple) else _meanings(annotation)


def _members(cls: type) -> list[Any]:
    """The annotations of what an instance is made of, private attributes included."""
    if not (_is_user_class(cls) and _has_fields(cls)):
        return []
    generic = getattr(cls, "__pydantic_generic_metadata__", None) or {}
    return [*fields_of(cls).values(), *_hints(cls), *generic.get("args", ())]


def _hints(cls: type) -> Iterable[Any]:
    try:
        return get_type_hints(cls, include_extras=True).values()
    except Exception:  # noqa: BLE001 - text that means nothing where the class was defined may raise anything
        return ()


def _meanings(annotation: Any) -> list[Any]:
    """What a NewType, an alias or a type variable stands for."""
    names = ("__supertype__", "__bound__", "__constraints__", "__default__")
    return [resolve_alias(annotation), *(getattr(annotation, name, None) for name in names)]


def _has_fields(cls: type) -> bool:
    return issubclass(cls, BaseModel) or dataclasses.is_dataclass(cls) or _is_structure(cls)


def _is_structure(cls: type) -> bool:
    """Whether it is a NamedTuple or a TypedDict, of whichever make."""
    return hasattr(cls, "_fields") or hasattr(cls, "__total__")


def _is_user_class(cls: type) -> bool:
    """Whether a class is somebody's own: `object`, `str` and the like would lead to every class of the process."""
    return cls.__module__.partition(".")[0] not in sys.stdlib_module_names


def resolve_alias(alias: Any) -> Any:
    """What an alias stands for; where it is text, such as that of an alias for itself, as its module understands it.

    Args:
        alias: any annotation.

    Returns:
        An annotation; None where it is no alias, or where its text means nothing.
    """
    module = sys.modules.get(str(getattr(alias, "__module__", "")))
    try:
        hints = SimpleNamespace(__annotations__={"value": alias.__value__})
        return get_type_hints(hints, vars(module) if module else {}, include_extras=True)["value"]
    except Exception:  # noqa: BLE001 - there is none, or it means nothing there
        return None
