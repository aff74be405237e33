"""The remarks about an answer: a list with a summary, through which a person jumps to the places."""

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cur_tui.domain.answers.lint import Finding, Severity
from cur_tui.i18n import _
from cur_tui.services.answers.finding_words import finding_sentence, place_of, severity_symbol, severity_word
from widgets.show import show_line

_STYLES: dict[Severity, str] = {
    Severity.BLOCK: "bold $error",
    Severity.WARN: "$warning",
    Severity.HINT: "$text-muted",
}
_ORDER = list(Severity)


class AnswerFindings(OptionList):
    """Remarks, the blocking ones first. Choosing one asks for its place in the text."""

    DEFAULT_CSS = """
    AnswerFindings {
        height: auto; max-height: 100%; padding: 0 1; background: $background; border: none;
        border-top: solid $foreground 20%; border-title-color: $primary; border-title-style: bold;
    }
    AnswerFindings:focus { border: none; border-top: solid $primary; background-tint: transparent; }
    AnswerFindings > .option-list--option-highlighted {
        background: $panel; color: $foreground; text-style: none;
    }
    AnswerFindings:focus > .option-list--option-highlighted {
        background: $primary 25%; color: $foreground; text-style: none;
    }
    """

    class Chosen(Message):
        """The person wants to see the place of a remark."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.findings: tuple[Finding, ...] = ()
        self._text = ""
        # Where the person was led last. The remarks are renewed behind their back as they type, so what is
        # highlighted may already be the one after it.
        self._led_to: Finding | None = None

    def on_mount(self) -> None:
        """Say at once that nothing has been checked yet."""
        self.border_title = Content(_("Check"))

    def show(self, findings: tuple[Finding, ...], text: str) -> None:
        """Show the remarks about ``text``; the chosen line stays where it was."""
        ordered = tuple(sorted(findings, key=lambda found: (_ORDER.index(found.severity), found.start)))
        if (ordered, text) == (self.findings, self._text):
            return
        at = self.highlighted
        self.findings, self._text = ordered, text
        self.clear_options()
        self.add_options([Option(_line(finding, text)) for finding in ordered])
        if ordered and at is not None:
            self.highlighted = min(at, len(ordered) - 1)
        self.border_title = Content.assemble(Content(_("Check")), "  ", _summary(ordered))

    def renewed(self, findings: tuple[Finding, ...], text: str, by: int) -> Finding | None:
        """Show the remarks anew and move on; one that was settled meanwhile gives its place to the next."""
        self.show(findings, text)
        led_to, at = self._led_to, self.highlighted
        settled = led_to is not None and not any(_same(led_to, found) for found in self.findings)
        return self.go_to(at) if settled and at is not None and self.findings else self.step(by)

    def step(self, by: int) -> Finding | None:
        """Move to the next or previous remark, round the end; None when there is none."""
        if not self.findings:
            return None
        at = self.highlighted
        start = -1 if by > 0 else 0
        return self.go_to(((start if at is None else at) + by) % len(self.findings))

    def go_to(self, index: int) -> Finding:
        """Move to the remark at ``index``; there must be one."""
        self.highlighted = index
        self._led_to = self.findings[index]
        return self._led_to

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self.go_to(event.option_index)))


def _same(one: Finding, other: Finding) -> bool:
    return (one.rule, one.params) == (other.rule, other.params)


def _line(finding: Finding, text: str) -> Content:
    sign = f"{severity_symbol(finding.severity)} {severity_word(finding.severity)}"
    return Content.assemble(
        (sign, _STYLES[finding.severity]),
        (f"  {place_of(finding, text)}: ", "$text-muted"),
        show_line(finding_sentence(finding)),
    )


def _summary(findings: tuple[Finding, ...]) -> Content:
    if not findings:
        return Content.styled(_("✓ no remarks"), "$success")
    parts = []
    for severity in Severity:
        count = sum(finding.severity is severity for finding in findings)
        if count:
            words = f"{severity_symbol(severity)} {severity_word(severity)}: {count}"
            parts.append(Content.styled(words, _STYLES[severity]))
    return Content("  ").join(parts)
