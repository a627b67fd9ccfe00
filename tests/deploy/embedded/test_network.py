"""Downloads follow the machine's own rules about proxies and certificates."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.embedded.network import Network, read_pip
from streams.errors import Misconfigured


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT"])
def test_any_usual_variable_names_the_certificates(name: str) -> None:
    """Whoever set one of them for other programs need not set another for us."""
    assert Network.read({name: "/ca.pem"}, {}).certificates == "/ca.pem"


def test_pip_knows_what_the_variables_do_not_say() -> None:
    """Certificates and proxy of pip's configuration are used where no variable speaks."""
    assert Network.read({}, {"cert": "/pip.pem", "proxy": "http://p:1"}) == Network("/pip.pem", "http://p:1")


def test_a_variable_wins_over_pip() -> None:
    """A proxy variable is left to httpx, which also honours the exceptions in NO_PROXY."""
    environ = {"SSL_CERT_FILE": "/ca.pem", "HTTPS_PROXY": "http://q:1"}
    assert Network.read(environ, {"cert": "/pip.pem", "proxy": "http://p:1"}) == Network("/ca.pem", None)


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """With what may have named them, and not as a stack trace at the first start."""
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("none")
    for file in (tmp_path / "nowhere.pem", wrong):
        with pytest.raises(Misconfigured, match=rf"{file}.*SSL_CERT_FILE"):
            Network(certificates=str(file)).client()


def test_the_listing_of_pip_is_read() -> None:
    """The stronger source is listed last."""
    assert read_pip("global.cert='/a'\n:env:.cert='/b'\nnonsense\n") == {"cert": "/b"}
