"""What the C library does with memory that is given back."""

import subprocess
import sys

#: Takes and keeps memory in many threads at once, and tells of how many heaps glibc then has.
PROGRAM = """
import ctypes, sys, tempfile, threading
from collector.allocator import keep_few_arenas
keep_few_arenas()
libc = ctypes.CDLL(None)
if not hasattr(libc, "malloc_info"):
    print(1)
    sys.exit()
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(16)
def take():
    together.wait()
    for _ in range(100):
        libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.NamedTemporaryFile() as told:
    libc.fopen.restype = ctypes.c_void_p
    stream = libc.fopen(told.name.encode(), b"w")
    libc.malloc_info(0, ctypes.c_void_p(stream))
    libc.fclose(ctypes.c_void_p(stream))
    print(told.read().count(b"<heap nr="))
"""


def test_threads_share_two_heaps() -> None:
    """However many there are."""
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(told.stdout) <= 2
