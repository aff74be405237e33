"""How the domain says no: a stable code with parameters, which the edges put into words."""


class Refused(Exception):
    """A command that the rules do not allow; nothing has changed.

    ``code`` is stable and documented in ``docs/contract.md``; ``params`` fill the translated sentence.
    """

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({details})"
