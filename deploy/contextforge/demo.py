"""`make demo`: a real ContextForge gateway, an upstream that is killed, and the alert that follows.

    install → start → register upstreams → connect → kill one → count down → the alert → bring it back → it resolves

Who runs it has a Tocsin running already, and lends `connect`, since this room knows no product logic.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.contextforge.administrator import Administrator
from deploy.contextforge.gateway import FAILURES, HEALTH_CHECK, Gateway
from deploy.contextforge.install import install, version
from deploy.contextforge.upstreams import Upstream, Upstreams

NAME = "contextforge"  # the gateway's name with us
KILLED = "weather"
PATIENCE = 200.0  # seconds that we wait for the alert, and again for its end; a rule keeps firing for 2 m

Say = Callable[[str], None]
Connect = Callable[[str, str, Path], Iterable[str]]  # name, address, token file → the survey's sentences


@dataclass(frozen=True)
class Tocsin:
    """The running Tocsin whose API is asked: its address and a bearer token."""

    url: str
    token: str

    def alert(self, statuses: str) -> dict[str, Any] | None:
        """The alert of the killed upstream, in one of these statuses (comma separated); None while there is none."""
        headers = {"Authorization": f"Bearer {self.token}"}
        asked = {"status": statuses, "gateway": NAME, "limit": "500"}
        with suppress(httpx.HTTPError, ValueError):
            listed = httpx.get(f"{self.url}/v1/alerts", params=asked, headers=headers, trust_env=False).json()
            alerts = listed.get("items", [])
            return next((alert for alert in alerts if alert["labels"].get("upstream") == KILLED), None)
        return None


def run(folder: Path, tocsin: Tocsin, connect: Connect, say: Say, stay: bool = False) -> bool:
    """All of it, below `folder`; whether the alert came and went. `stay`: leave everything running until Ctrl-C."""
    with gateway(folder, say) as (running, upstreams):
        token = folder / "token"
        with Administrator(running.url, running.token()) as administrator:
            for upstream in upstreams.all:
                administrator.register(upstream)
                say(f"registered upstream {upstream.name} at {upstream.url}")
            token.touch(mode=0o600)
            token.write_text(administrator.api_token("tocsin"))
        say(f"tocsin connect {running.url} --token-file {token}")
        for sentence in connect(NAME, running.url, token):
            say(f"  {sentence}")
        victim = next(upstream for upstream in upstreams.all if upstream.name == KILLED)
        went = _killed(victim, tocsin, say)
        if stay:
            say("the gateway keeps running; Ctrl-C ends it")
            with suppress(KeyboardInterrupt):
                time.sleep(1e9)
        return went


@contextmanager
def gateway(folder: Path, say: Say) -> Iterator[tuple[Gateway, Upstreams]]:
    """A running gateway and its upstreams, ended with the context."""
    python = install(folder, say)
    release = version(python)  # each has a database of its own: an older one cannot read a newer one's
    say(f"starting ContextForge {release} (SQLite, one worker)")
    running = Gateway(folder / f"gateway-{release}", python)
    upstreams = Upstreams(folder / "upstreams", python)
    try:
        running.start()
        upstreams.start()
        yield running, upstreams
    finally:
        upstreams.stop()
        running.stop()


def _killed(victim: Upstream, tocsin: Tocsin, say: Say) -> bool:
    """Kill an upstream, wait for its alert, bring it back, wait for the end; whether both came."""
    say(f"killing upstream {victim.name} (process {victim.process.pid}) …")
    victim.process.kill()
    say(
        f"this gateway checks every {HEALTH_CHECK} s and wants {FAILURES} failures: expect the alert in about "
        f"{HEALTH_CHECK * FAILURES + 4} s. In production it checks every 60 s and wants 3."
    )
    fired = _await(lambda: tocsin.alert("firing,acknowledged"), say)
    if fired is None:
        say(f"no alert came within {PATIENCE:.0f} s; `tocsin doctor` says what is missing")
        return False
    say(f"ALERT [{fired['severity']}] {fired['message']}")
    victim.start()
    say(f"{victim.name} is back; waiting until the alert resolves")
    ended = _await(lambda: None if tocsin.alert("firing,acknowledged") else tocsin.alert("resolved"), say)
    say(
        "resolved"
        if ended
        else "it has not resolved yet: rules keep firing for a while, see `keep_firing_for`"
    )
    return ended is not None


def _await(look: Callable[[], dict[str, Any] | None], say: Say) -> dict[str, Any] | None:
    """What `look` finds, with a line every five seconds meanwhile; None after the patience is over."""
    begun = told = time.monotonic()
    while (now := time.monotonic()) - begun < PATIENCE:
        if found := look():
            say(f"  after {now - begun:.1f} s")
            return found
        if now - told >= 5:
            told = now
            say(f"  {now - begun:.0f} s …")
        time.sleep(0.5)
    return None
