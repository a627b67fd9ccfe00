"""Threads as a real IMAP server sees them: Dovecot reads the mails that a real mail server took."""

from __future__ import annotations

import mailbox
import os
import pwd
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sinks.channels.email.channel import Email
from sinks.outcome import Delivered
from tests.patience import PATIENCE
from tests.sinks.channels.email.server import Mail, MailServer
from tests.sinks.harness import closing, here, resources

IMAP = Path("/usr/lib/dovecot/imap")
CONFIGURATION = """
log_path = {folder}/log
mail_location = maildir:{folder}/mail
base_dir = {folder}
state_dir = {folder}
protocols =
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
"""
ROOM = {"name": "ops", "channel": "email", "sender": "Tocsin <tocsin@example.com>", "to": "ops@example.com",
        "security": "none", "allow_private": True}  # fmt: skip
HEADS = "From To Subject Message-ID References List-Unsubscribe-Post"


def spoken(mails: Sequence[Mail], *commands: str) -> str:
    """What Dovecot answers of these mails, in the order in which they came."""
    said = [f"{n} {command}" for n, command in enumerate(("SELECT INBOX", *commands, "LOGOUT"))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = mailbox.Maildir(folder / "mail", create=True)
        for mail in mails:
            kept.add(mail.raw)
        whose = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())  # it serves no root
        for each in (folder, *folder.rglob("*")):
            os.chown(each, whose.pw_uid, whose.pw_gid)
        configuration = folder / "dovecot.conf"
        words = CONFIGURATION.format(folder=folder, user=whose.pw_uid, group=whose.pw_gid)
        configuration.write_text(words)
        done = subprocess.run(
            [IMAP, "-c", configuration], input="\r\n".join([*said, ""]), capture_output=True, text=True,
            timeout=PATIENCE, check=False, env={"USER": whose.pw_name, "HOME": name, "LANG": "C.UTF-8"},
        )  # fmt: skip
    assert f"{len(said) - 1} OK" in done.stdout, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not IMAP.exists(), reason="no Dovecot: Debian's package dovecot-imapd brings one")
async def test_one_thread_a_group(attempt: Any) -> None:
    """All that is told of a group is one thread, whatever its state; two groups of one title are two."""
    told = [("a", "firing"), ("b", "firing"), ("a", "escalated"), ("b", "resolved"), ("a", "resolved")]
    async with MailServer().listening() as server, closing(resources(resolve=here)) as shared:
        for n, (group, what) in enumerate(told):
            mail = attempt(
                ROOM | {"server": f"127.0.0.1:{server.port}"},
                name=f"n{n}",
                group=group,
                what=what,
                title="Größe \u4e2d [x]",
            )
            assert isinstance(await Email(shared).send(mail), Delivered)
    answer = spoken(server.taken, "THREAD REFERENCES UTF-8 ALL", f"FETCH 1:* (BODY[HEADER.FIELDS ({HEADS})])")
    (threads,) = re.findall(r"^\* THREAD (.*)$", answer.replace("\r", ""), re.MULTILINE)
    assert sorted(map(sorted, (re.findall(r"\d", each) for each in parts(threads)))) == [
        list("135"),
        list("24"),
    ]
    assert answer.count("Message-ID: <") == len(told)


def parts(threads: str) -> list[str]:
    """The outermost parentheses of an answer: `((1)(3))(2)` → `((1)(3))`, `(2)`."""
    depth, begin, found = 0, 0, list[str]()
    for place, letter in enumerate(threads):
        begin = place if letter == "(" and depth == 0 else begin
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == ")" and depth == 0:
            found.append(threads[begin : place + 1])
    return found
