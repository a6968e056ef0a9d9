"""An open page of the dashboard without a browser: a web socket that asks for what a browser would ask for."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

#: Seconds that a page may take.
_PATIENCE: Final = 60.0


class OpenPage:
    """A session, for as long as the block lasts.

    Args:
        url: of the dashboard.
        view: path of the view that is open; empty for the first.
    """

    def __init__(self, url: str, view: str = "") -> None:
        self._url = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
        self._view = view
        self._due: dict[str, tuple[float, float]] = {}
        """When a part of the page is to be looked at again, and how often, in seconds, by its id."""
        self.drawn = 0
        """How often the page, or a part of it, was drawn to its end."""

    def __enter__(self) -> Self:
        # What nobody reads in time is kept: the end of a connection would wait behind it.
        self._socket = connect(
            self._url,
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            max_queue=None,
            compression=None,
            ping_interval=None,
        )
        self.draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def draw(self) -> None:
        """Has the whole page drawn, and waits for its end."""
        self._ask("")
        self._until_drawn(time.monotonic() + _PATIENCE)

    def stay(self, seconds: float) -> None:
        """Stays open for so long, and looks at parts when they are due, as a browser does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            next_ = min((at for at, _ in self._due.values()), default=end)
            for message in self._messages(min(next_, end)):
                self._handle_message(message)
            for part, (at, every) in list(self._due.items()):
                if at <= time.monotonic():
                    self._due[part] = (time.monotonic() + every, every)
                    self._ask(part)

    def _ask(self, part: str) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.page_name = self._view
        if part:
            state.fragment_id, state.is_auto_rerun = part, True
        self._socket.send(message.SerializeToString())

    def _until_drawn(self, deadline: float) -> None:
        if not any(self._handle_message(message) for message in self._messages(deadline)):
            raise TimeoutError(f"the page {self._view or '/'} is not drawn")

    def _messages(self, deadline: float) -> Iterator[ForwardMsg]:
        """Yields what comes until a moment."""
        while (left := deadline - time.monotonic()) > 0:
            try:
                told = self._socket.recv(timeout=left)
            except TimeoutError:
                return
            yield ForwardMsg.FromString(told if isinstance(told, bytes) else told.encode())

    def _handle_message(self, message: ForwardMsg) -> bool:
        """Does as a browser does. Returns whether the page was drawn to its end; one that begins anew was not."""
        kind = message.WhichOneof("type")
        if kind == "stop_auto_rerun":
            for part in message.stop_auto_rerun.fragment_ids:
                self._due.pop(part, None)
        elif kind == "auto_rerun":
            every = message.auto_rerun.interval
            self._due[message.auto_rerun.fragment_id] = (time.monotonic() + every, every)
        elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.drawn += 1
            return True
        return False
