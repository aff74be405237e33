"""The HTTP library without its command line, whose parser and highlighter take three megabytes and 30 ms.

The library looks for them when it is imported, and does without where they are not installed. Here they are,
since other libraries need them.
"""

import sys
from types import ModuleType
from typing import Final, cast

LIBRARY: Final = "httpx"
COMMAND_LINE: Final = "httpx._main"


def load() -> None:
    """Import the library, unless that has been done."""
    if LIBRARY in sys.modules:
        return
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    modules[COMMAND_LINE] = None  # what is None there cannot be imported
    try:
        import httpx  # noqa: F401
    finally:
        modules.pop(COMMAND_LINE, None)
