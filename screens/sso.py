"""The wait for a person who signs in at the region's identity provider, with the code to type there."""

import threading
from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cur_tui.i18n import _
from cur_tui.services.access.sso import Prompt, Rest
from cur_tui.services.explain import explain_error
from widgets.key_line import hint
from widgets.keys import bindings_for
from widgets.show import show_line

T = TypeVar("T")

SignInThrough = Callable[[Callable[[Prompt], None], Rest], T]
"""Signs in: calls the first to show the prompt and the second to wait. Runs in a worker."""


class SsoScreen(ModalScreen[T | str | None], Generic[T]):
    """Answers with what the sign-in gives, with the sentence of what went wrong, or None when given up."""

    CSS_PATH = "sso.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("dialog")

    def __init__(self, sign_in: SignInThrough[T], discard: Callable[[T], None] = lambda late: None) -> None:
        """``discard`` gets what came of it after the person had given up."""
        super().__init__()
        self._sign_in = sign_in
        self._discard = discard
        self._given_up = threading.Event()

    def compose(self) -> ComposeResult:
        """What to do, where, with which code."""
        with Vertical(id="box"):
            yield Static(Content(_("Single sign-on")), id="title")
            yield Static(Content(_("The server is asked …")), id="advice")
            yield Static("", id="address", markup=False)
            yield Static("", id="code", markup=False)
            yield Static(hint(_("Esc: give up")), id="keys")

    def on_mount(self) -> None:
        """Begin at once."""
        self.run_worker(self._wait, thread=True, exit_on_error=False)

    def on_unmount(self) -> None:
        """Whoever leaves in any way waits no longer."""
        self._given_up.set()

    def action_accept(self) -> None:
        """Nothing to accept here: that is done at the provider."""

    def action_cancel(self) -> None:
        """Give up."""
        self._given_up.set()
        self.dismiss(None)

    def _wait(self) -> None:
        try:
            result = self._sign_in(self._show, self._given_up.wait)
        except Exception as error:
            sentence = explain_error(error)
            if sentence is None:
                raise
            if not self._given_up.is_set():
                self.app.call_from_thread(self._end, sentence)
            return
        if self._given_up.is_set() or not self.app.call_from_thread(self._end, result):
            self._discard(result)

    def _end(self, answer: T | str) -> bool:
        """Close with what came of it, unless the person gave up: keys are heard on this thread, too."""
        if self._given_up.is_set():
            return False
        self._given_up.set()
        self.dismiss(answer)
        return True

    def _show(self, prompt: Prompt) -> None:
        if not self._given_up.is_set():
            self.app.call_from_thread(self._show_prompt, prompt)

    def _show_prompt(self, prompt: Prompt) -> None:
        self.query_one("#advice", Static).update(Content(prompt.advice))
        self.query_one("#address", Static).update(show_line(prompt.address, 500))
        self.query_one("#code", Static).update(show_line(prompt.code))
