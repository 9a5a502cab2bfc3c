"""The programs beside which mailgate is measured, each set up from nothing under `bench/work`.

Postfix delivering to a Maildir (Debian package); Roundup's mail gateway in mailbox mode and django-helpdesk's `get_email`
(from PyPI, each in a virtual environment of its own).
"""

from __future__ import annotations

import mailbox
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.postfix import Postfix

WORK = Path(__file__).parent / "work"


def venv(name: str, *packages: str) -> Path:
    """A virtual environment with these packages; gives its `bin`. Made once."""
    folder = WORK / f"venv-{name}"
    done = folder / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([folder / "bin/pip", "install", "-q", *packages], check=True)
        done.write_text("\n".join(packages))
    return folder / "bin"


class PostfixMaildir:
    """Postfix that delivers `inbox@maildir.example` to a Maildir in `folder`."""

    recipient = "inbox@maildir.example"

    def __init__(self, folder: Path) -> None:
        self._maildir = folder / "mail"
        self._maildir.mkdir(parents=True)
        os.chown(self._maildir, 65534, 65534)
        main = (
            f"virtual_mailbox_domains = maildir.example\nvirtual_mailbox_base = {self._maildir}\n"
            f"virtual_mailbox_maps = texthash:{folder}/boxes\nvirtual_uid_maps = static:65534\n"
            "virtual_gid_maps = static:65534\nvirtual_minimum_uid = 100\nvirtual_mailbox_limit = 0\n"
            "smtpd_client_connection_count_limit = 0\nsmtpd_client_connection_rate_limit = 0\n"
        )
        (folder / "boxes").write_text("inbox@maildir.example box/\n")
        self.postfix = Postfix(folder, {}, main)

    def delivered(self) -> int:
        new = self._maildir / "box" / "new"
        return sum(1 for _ in os.scandir(new)) if new.exists() else 0

    def wait(self, count: int) -> None:
        """Waits until the Maildir holds so many."""
        while self.delivered() < count:
            time.sleep(0.02)


def roundup_seconds(messages: Sequence[bytes], folder: Path) -> float:
    """Seconds that `roundup-mailgw` (SQLite back end) takes for an mbox of these messages."""
    programs = venv("roundup", "roundup")
    tracker = folder / "tracker"
    admin = [str(programs / "roundup-admin"), "-i", str(tracker)]
    subprocess.run([*admin, "install", "classic", "sqlite"], check=True, capture_output=True)
    config = tracker / "config.ini"
    text = re.sub(r"(?m)^#?web = .*", "web = http://127.0.0.1/t/", config.read_text())
    text = re.sub(r"(?m)^#?domain = .*", "domain = help.example.com", text)
    text = re.sub(r"(?m)^#?host = .*", "host = 127.0.0.1", text)
    config.write_text(text)
    # Unknown senders may write, and nothing is mailed: the gateway's own work is what counts.
    with (tracker / "schema.py").open("a") as schema:
        schema.write("\ndb.security.addPermissionToRole('Anonymous', 'Email Access')\n")
        schema.write(
            "for cl in ('issue', 'file', 'msg'):\n    db.security.addPermissionToRole('Anonymous', 'Create', cl)\n"
        )
    (tracker / "detectors/nosyreaction.py").unlink()
    subprocess.run([*admin, "initialise", "bench"], input=b"y\n", check=True, capture_output=True)
    box = mailbox.mbox(folder / "mbox")
    for raw in messages:
        box.add(raw.replace(b"\r\n", b"\n"))
    box.close()
    started = time.perf_counter()
    done = subprocess.run(
        [programs / "roundup-mailgw", str(tracker), "mailbox", str(folder / "mbox")],
        env={**os.environ, "SENDMAILDEBUG": str(folder / "sent")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    count = int(
        subprocess.run([*admin, "-s", "list", "issue"], capture_output=True, text=True, check=True).stdout.count(" ")
        + 1
    )
    if count < len(messages):
        raise RuntimeError(f"Roundup made {count} issues of {len(messages)} messages: {done.stderr[-500:]}")
    return seconds


_DJANGO = """
import django
from django.conf import settings
from pathlib import Path
HERE = Path({folder!r})
settings.configure(
    SECRET_KEY="bench", DEBUG=False, USE_TZ=True, ALLOWED_HOSTS=["*"], SITE_ID=1, ROOT_URLCONF="urls",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField", EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "db.sqlite3"}}}},
    MEDIA_ROOT=HERE / "media", MIDDLEWARE=[], TEMPLATES=[{{"BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True, "OPTIONS": {{"context_processors": []}}}}],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
        "django.contrib.sites", "django.contrib.humanize", "django.contrib.messages", "django.contrib.admin",
        "rest_framework", "helpdesk"],
    QUEUE_EMAIL_BOX_UPDATE_ONLY=False, HELPDESK_TEAMS_MODE_ENABLED=False, HELPDESK_KB_ENABLED=True,
    LOGGING_CONFIG=None,
)
django.setup()
import logging; logging.disable(logging.CRITICAL)
from django.core.management import call_command
"""


def django_helpdesk_seconds(messages: Sequence[bytes], folder: Path) -> float:
    """Seconds that django-helpdesk's `get_email` (SQLite) takes for a local directory of these messages."""
    programs = venv("django-helpdesk", "django-helpdesk")
    box = folder / "box"
    box.mkdir()
    for number, raw in enumerate(messages):
        (box / f"{number:06d}").write_bytes(raw.replace(b"\r\n", b"\n"))
    (folder / "urls.py").write_text(
        "from django.urls import include, path\nurlpatterns = [path('', include('helpdesk.urls', namespace='helpdesk'))]\n"
    )
    head = _DJANGO.format(folder=str(folder))
    set_up = (
        "call_command('migrate', verbosity=0)\nfrom helpdesk.models import Queue\n"
        "Queue.objects.create(title='Support', slug='support', allow_email_submission=True, email_box_type='local',"
        f" email_box_local_dir={str(box) + '/'!r}, email_box_interval=0, email_address='support@help.example.com')\n"
    )
    _python(programs, folder, head + set_up)
    started = time.perf_counter()
    _python(programs, folder, head + "call_command('get_email', quiet=True)\n")
    seconds = time.perf_counter() - started
    counted = _python(programs, folder, head + "from helpdesk.models import Ticket\nprint(Ticket.objects.count())\n")
    if int(counted.split()[-1]) < len(messages):
        raise RuntimeError(f"django-helpdesk made {counted.strip()} tickets of {len(messages)} messages")
    return seconds


def _python(programs: Path, folder: Path, code: str) -> str:
    done = subprocess.run(
        [programs / "python", "-W", "ignore", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"django-helpdesk: {done.stderr[-2000:]}")
    return done.stdout
