"""The C library's allocator, told to give large blocks back: a message of 25 MB must not stay in the process.

Takes nothing; `settle()` is called once at the start of a long-lived process. Promises: does nothing where the C library
is not glibc. glibc raises its threshold for mmap up to 32 MB by itself (mallopt(3)); freed messages would stay.
"""

import ctypes

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_THRESHOLD_BYTES = 256 * 1024
_ARENAS = 2


def settle() -> None:
    """Blocks above 256 KB come from the system and go back to it; threads share two arenas."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES)
    mallopt(_M_ARENA_MAX, _ARENAS)
