"""The certified provider of ``tests/server/oidc`` as a process, and a person at its pages."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

FOLDER = Path(__file__).with_name("oidc")
_FORM = re.compile(r"<form[^>]*action=\"([^\"]+)\"[^>]*>(.*?)</form>", re.DOTALL)
_HIDDEN = re.compile(r"<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]+)\"[^>]*value=\"([^\"]*)\"")


@contextmanager
def running_provider() -> Iterator[str]:
    """Its address. Skips the test where it is not installed."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("the OpenID provider for tests is not installed: node and npm, then make oidc")
    process = subprocess.Popen(
        [node, "provider.mjs"],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["issuer"]
    finally:
        process.stdin.close()
        process.wait(10)


class Person:
    """Somebody with a browser: follows links, fills in forms, keeps cookies."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._http = httpx.Client(trust_env=False, follow_redirects=True, timeout=20, verify=False)

    def agree(self, address: str) -> None:
        """Open the address from the workstation's screen, sign in and allow what is asked."""
        page = self._http.get(address)
        for _ in range(6):
            if "Sign-in Success" in page.text:
                self._http.close()
                return
            page = self._submit(page)
        raise AssertionError(page.text)

    def decline(self, address: str) -> None:
        """Open the address and say that this was somebody else."""
        page = self._submit(self._http.get(address))
        self._submit(page, abort="yes")
        self._http.close()

    def _submit(self, page: httpx.Response, **more: str) -> httpx.Response:
        form = _FORM.search(page.text)
        assert form is not None, page.text
        fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(form[2])}
        if 'name="login"' in form[2]:
            fields |= {"login": self.name, "password": "any"}
        elif "Confirm Device" in page.text and not more:
            fields["confirm"] = "yes"
        return self._http.post(page.url.join(html.unescape(form[1])), data=fields | more)
