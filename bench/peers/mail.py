"""Appeals as messages in a Maildir: what a mail program shows of as many citizens' letters."""

from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from cur_tui.domain.model import Appeal


def fill_maildir(folder: Path, appeals: Iterable[Appeal]) -> None:
    """Put every appeal into the Maildir ``folder`` as a message that has been read."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for n, appeal in enumerate(appeals):
        message = EmailMessage()
        message["From"] = f"Citizen {n} <citizen{n}@example.org>"
        message["To"] = "region@example.org"
        message["Subject"] = f"{appeal.number} {' '.join(appeal.text.split())[:80]}"
        message["Date"] = format_datetime(appeal.registered_at)
        message["Message-ID"] = f"<{appeal.id}@example.org>"
        message.set_content(appeal.text)
        second = int(appeal.registered_at.timestamp())
        (folder / "cur" / f"{second}.{n}.bench:2,S").write_bytes(message.as_bytes())
