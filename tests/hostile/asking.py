"""Requests that schemathesis makes from the description of the server, and checks of the answers to them."""

from collections.abc import Iterator, Sequence
from itertools import cycle

import hypothesis
import schemathesis
from schemathesis import Case
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.hostile.corpus import SOAK

load_all_checks()
CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
EXAMPLES = 25 if SOAK else 2


def operations_of(description: str) -> Iterator[APIOperation]:
    """The operations of the description at this address, to be asked with what fits and what does not."""
    schema = schemathesis.openapi.from_url(description)
    schema.config.generation.update(modes=list(schemathesis.GenerationMode))
    for result in schema.get_all_operations():
        yield result.ok()


class Asking:
    """Requests of one operation after another, and what was wrong with the answers to them."""

    def __init__(self, people: Sequence[str]) -> None:
        self._everybody = (*people, "", "no-token-of-ours")
        self._next = cycle(self._everybody)
        self.tried = 0
        self.failures: dict[str, str] = {}

    def all_of(self, operation: APIOperation) -> None:
        """Some requests of ``operation``, such as fit its description and such as do not."""

        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=not SOAK,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=[hypothesis.Phase.generate],
        )
        @hypothesis.given(case=operation.as_strategy())
        def ask(case: Case) -> None:
            for token in self._everybody if SOAK else [next(self._next)]:
                self._ask(operation, case, token)

        ask()

    def _ask(self, operation: APIOperation, case: Case, token: str) -> None:
        self.tried += 1
        try:
            answer = case.call(headers={"Authorization": f"Bearer {token}"} if token else {})
            case.validate_response(answer, checks=CHECKS)
        except (AssertionError, FailureGroup) as error:
            self.failures.setdefault(f"{operation.method} {operation.path}", str(error)[:1_500])
