"""What the first page would wait for is read beforehand: the views, and the libraries that draw."""

import gc
import importlib
import threading
import time
from typing import Final

from streamlit import runtime

_ROUTER: Final = "dashboard.app"

#: Seconds between two looks whether Streamlit is up; what it caches answers by has to be there before a view is read.
_LOOK_EVERY: Final = 0.05


def begin() -> None:
    """Reads the views and libraries beside the server that starts; a page that is asked for meanwhile waits for what is
    not read yet."""
    threading.Thread(target=_warm_up, name="warming", daemon=True).start()


def _warm_up() -> None:
    while not runtime.exists():
        time.sleep(_LOOK_EVERY)
    importlib.import_module(_ROUTER)
    # What is there now stays: collections of garbage, each of which stops all pages, need not walk it again.
    gc.collect()
    gc.freeze()
