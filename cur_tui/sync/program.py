"""Which program this is, as the server and its logs see it."""

from functools import cache


@cache
def app_version() -> str:
    """The installed version; "0" when the program runs from a bare folder."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cur-operator")
    except PackageNotFoundError:
        return "0"
