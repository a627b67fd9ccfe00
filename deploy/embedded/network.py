"""How this machine reaches a package repository: its proxy and certificates, from the usual variables and from pip.

A company that inspects TLS has usually told pip about its certificate and nobody else; so pip's own word counts too.
"""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from streams.errors import Misconfigured

CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@dataclass(frozen=True)
class Network:
    """The certificate bundle and the proxy to use; None leaves the choice to httpx."""

    certificates: str | None = None
    proxy: str | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str], pip: Mapping[str, str]) -> Network:
        """The variables win over pip's configuration; a proxy variable is left to httpx, which also knows NO_PROXY."""
        bundle = next((environ[name] for name in CERTIFICATES if environ.get(name)), pip.get("cert"))
        named = any(environ.get(name) for name in PROXIES)
        return cls(bundle, None if named else pip.get("proxy"))

    def client(self, timeout: float = 60.0) -> httpx.Client:
        """An HTTP client that follows this machine's rules; Misconfigured where its certificates cannot be read."""
        verify: ssl.SSLContext | bool = True
        if self.certificates:
            try:
                verify = ssl.create_default_context(cafile=self.certificates)
            except OSError as why:
                names = ", ".join(CERTIFICATES)
                raise Misconfigured(
                    f"certificates {self.certificates}: {why}; correct what names that file: {names}, or pip's `cert`"
                ) from None
        return httpx.Client(
            verify=verify, proxy=self.proxy, trust_env=True, timeout=timeout, follow_redirects=True
        )


def pip_configuration() -> dict[str, str]:
    """What pip is configured with (`cert`, `proxy`, …), whichever file or variable says so; empty without pip."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    return read_pip(listing.stdout)


def read_pip(listing: str) -> dict[str, str]:
    """`global.cert='/etc/ca.pem'` → {"cert": "/etc/ca.pem"}; a later line wins: pip lists the stronger source last."""
    pairs = (line.split("=", 1) for line in listing.splitlines() if "=" in line)
    return {name.rsplit(".", 1)[-1]: value.strip().strip("'\"") for name, value in pairs}
