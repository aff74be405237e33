"""Make the help desk's database from JSON lines and print a staff member's session. Run as a program."""

import json
import os
import sys
from datetime import datetime
from itertools import islice

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from helpdesk.models import Queue, Ticket  # noqa: E402

CHUNK = 2_000
call_command("migrate", verbosity=0)
staff = get_user_model().objects.create_superuser("staff", "staff@example.org", "of nobody")
queues: dict[str, Queue] = {}


def ticket(line: str) -> Ticket:
    """The ticket of one line."""
    said = json.loads(line)
    name = said["queue"]
    if name not in queues:
        queues[name] = Queue.objects.create(title=name, slug=f"queue{len(queues)}")
    created = datetime.fromisoformat(said["created"])
    status = Ticket.OPEN_STATUS if said["open"] else Ticket.CLOSED_STATUS
    return Ticket(
        title=said["title"][:200],
        queue=queues[name],
        description=said["text"],
        created=created,
        modified=created,
        status=status,
        submitter_email="citizen@example.org",
        priority=3,
    )


while chunk := [ticket(line) for line in islice(sys.stdin, CHUNK)]:
    Ticket.objects.bulk_create(chunk)
session = SessionStore()
session[SESSION_KEY] = str(staff.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
session.create()
print(session.session_key)
