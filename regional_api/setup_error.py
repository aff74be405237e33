"""What can be wrong with a database before it serves anything."""


class SetupError(Exception):
    """The database cannot be made or used as it is.

    ``code`` is one of ``exists``, ``missing``, ``foreign``, ``too_new``, ``bad_address``, ``unreachable``;
    ``params`` fill the sentence that the command line says.
    """

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
