"""One model or dataclass while it is written."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from runtime.codec.custom import lossless_json, pydantic_json, write_custom
from runtime.codec.note import AS, AT, DATA, MORE, OF, TYPES, Node, Note, note_for_null
from runtime.codec.plan import ObjectPlan
from runtime.codec.refusal import RefusedError
from runtime.codec.remaking import remake
from runtime.codec.scalars import LARGE
from runtime.codec.writer import Writer, check_depth

ABSENT: Final = "absent"
"""Names of fields that an object does not have, such as a model that was made without validation."""

UNSET: Final = "unset"
"""Names of a model's fields that have their default because nobody said otherwise."""

EXTRA: Final = "extra"
"""Keys of what a model has beside its fields."""

REMADE: Final = "remade"
"""Names of fields and attributes that are not there, or only in the JSON that pydantic makes of them: the class makes
them again, of all the fields that there are."""

#: What `more` may hold, each by name: fields that JSON does not show as they are, private attributes, and extras whose
#: keys are those of fields.
FIELDS: Final = "fields"
PRIVATE: Final = "private"
EXTRAS: Final = "extras"


class Draft:
    """Gathers the data and the note of one object.

    Args:
        holder: the object.
        plan: its class's.
        writer: for its parts.
        depth: levels above it.

    Raises:
        RefusedError: it lies too deep.
    """

    __slots__ = ("_data", "_depth", "_facts", "_holder", "_more", "_notes", "_plan", "_refused", "_state", "_writer")

    def __init__(self, holder: Any, plan: ObjectPlan, writer: Writer, depth: int) -> None:
        check_depth(holder, depth)
        self._holder = holder
        self._plan = plan
        self._writer = writer
        self._depth = depth + 1
        self._data: dict[str, Any] = {}
        self._notes: dict[str, Note] = {}
        self._facts: dict[str, Any] = {}
        self._more: dict[str, dict[str, Node]] = {}
        self._state: Mapping[str, Any] = {}
        self._refused: dict[str, RefusedError] = {}

    def add_fact(self, fact: str, value: Any) -> None:
        """Adds something to the note."""
        self._facts[fact] = value

    def add_fields(self, state: Mapping[str, Any]) -> None:
        """Adds the fields, by name.

        Raises:
            RefusedError: one lies too deep, or what is computed can't travel.
            Exception: what a property or a serializer of the user's own raises.
        """
        plan, self._state = self._plan, state
        self._add_shown(plan.shown, state)
        if plan.hidden:
            self._add_section(FIELDS, {name: state[name] for name in plan.hidden if name in state})
            for name in plan.hidden:
                if name not in state:
                    self._add_absent(name)

    def add_extras(self, extra: Mapping[str, Any]) -> None:
        """Adds what a model has beside its fields, by key.

        Raises:
            RefusedError: it can't travel.
        """
        if self._plan.whole or not self._plan.taken.isdisjoint(extra):
            self._add_section(EXTRAS, extra)
        else:
            self._add_shown([(key, key) for key in extra], extra)
            self.add_fact(EXTRA, list(extra))
        for name in extra:
            self._raise_if_refused(name)

    def add_private(self, private: Mapping[str, Any], defaults: Iterable[str]) -> None:
        """Adds what nobody is shown, by name: private attributes.

        What can't travel, such as a lock or a client, starts from its default in the reader, if it is one of those
        that have one.

        Raises:
            RefusedError: one lies too deep.
        """
        lazy, self._writer = self._writer, self._writer.without_lazy()
        self._add_section(PRIVATE, private)
        self._writer = lazy
        for name in defaults:
            self._refused.pop(name, None)

    def finish(self) -> Node:
        """Data and note.

        Raises:
            RefusedError: a part can't travel, not even as pydantic writes it and its class reads it.
            Exception: what a property or a serializer of the user's own raises.
        """
        if self._plan.whole:
            return self._finish_whole()
        for name, key in self._plan.computed:
            self._add_shown([(name, key)], {name: getattr(self._holder, name)})
            self._raise_if_refused(name)
        for name, key in self._plan.shaped:
            made = pydantic_json(self._holder, self._writer, self._depth, name)
            if made is not ...:
                self._data[key] = made
        if self._refused:
            self._remake()
        return self._data, self._build_note()

    def finish_root(self, root: Any) -> Node:
        """Data and note of a root model, whose JSON is that of its one field.

        Raises:
            As `finish` does.
        """
        try:
            data, note = self._writer.write_node(root, self._depth)
        except RefusedError as error:
            self._add_refused("root", error)
            return write_custom(self._holder, self._writer, self._depth - 1)
        if self._plan.whole or self._plan.shaped:
            self._more[FIELDS] = {"root": (data, note)}
            data = pydantic_json(self._holder, self._writer, self._depth - 1)
        elif note is not None:
            self.add_fact(OF, note)
        for name in self._refused:
            self._raise_if_refused(name)
        return data, note_for_null(data, {**self._build_note(), AS: "root"})

    def _finish_whole(self) -> Node:
        """The JSON that the class makes of the whole; its state is in the note, or it is read from that JSON alone."""
        if self._refused:
            return write_custom(self._holder, self._writer, self._depth - 1)
        data = pydantic_json(self._holder, self._writer, self._depth - 1)
        return data, note_for_null(data, self._build_note())

    def _build_note(self) -> dict[str, Any]:
        facts = self._facts
        if not (facts or self._notes or self._more):
            return self._plan.note
        if self._notes:
            facts[AT] = self._notes
        if self._more:
            facts[MORE] = {DATA: {}, TYPES: {AT: {}}}
            for section, nodes in self._more.items():
                facts[MORE][DATA][section] = {name: data for name, (data, _) in nodes.items()}
                facts[MORE][TYPES][AT][section] = {AT: {name: note for name, (_, note) in nodes.items() if note}}
        return {**self._plan.note, **facts}

    def _add_shown(self, keys: Iterable[tuple[str, str]], state: Mapping[str, Any]) -> None:
        data, node, depth = self._data, self._writer.write_node, self._depth
        for name, key in keys:
            if name not in state:
                self._add_absent(name)
                continue
            item = state[name]
            kind = type(item)
            if (kind is str and item.isascii()) or (kind is int and -LARGE < item < LARGE):  # mostly, without a call
                data[key] = item
                continue
            try:
                data[key], note = node(item, depth)
            except RefusedError as error:
                self._add_refused(name, error)
                continue
            if note is not None:
                self._notes[key] = note

    def _add_section(self, section: str, items: Mapping[str, Any]) -> None:
        nodes: dict[str, Node] = {}
        for name, item in items.items():
            try:
                nodes[name] = self._writer.write_node(item, self._depth)
            except RefusedError as error:
                self._add_refused(name, error)
        if nodes:
            self._more[section] = nodes

    def _add_absent(self, name: str) -> None:
        self._facts.setdefault(ABSENT, []).append(name)

    def _add_refused(self, name: str, error: RefusedError) -> None:
        error.add_place(self._holder, f".{name}")
        if error.deep:
            raise error from None
        self._refused[name] = error

    def _raise_if_refused(self, name: str) -> None:
        if name in self._refused:
            raise self._refused[name] from None

    def _remake(self) -> None:
        """Leaves what can't travel to its class: where it is shown, in the JSON that pydantic makes of it. Whether the
        class makes a whole object of that is seen now, not by the reader."""
        keys = dict((*self._plan.shown, *self._plan.shaped))
        values = {name: item for name, item in self._state.items() if name in self._plan.names}
        for name, error in self._refused.items():
            values.pop(name, None)
            if name in keys:
                self._data[keys[name]] = values[name] = self._lossless_json(name, error)
        try:
            made = remake(type(self._holder), values)
        except Exception:  # noqa: BLE001 - a validator of the user's own may raise anything
            made = None
        for name, error in self._refused.items():
            if not hasattr(made, name):
                raise error from None
        self.add_fact(REMADE, list(self._refused))

    def _lossless_json(self, name: str, error: RefusedError) -> Any:
        try:
            return lossless_json(self._holder, self._writer, self._depth, name)
        except RefusedError:
            raise error from None
