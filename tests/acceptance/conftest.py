"""One running product for all rows of the requirement, with a receiver that hears of team payments."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.acceptance.harness import Providers
from tests.acceptance.product import Product, Receiver


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """Where team payments is told."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Product]:
    """Up, with an endpoint and a policy of team payments, put as files are applied."""
    made = Product(tmp_path_factory.mktemp("product"))
    try:
        made.start()
        file = made.folder / "payments.yaml"
        file.write_text(
            "endpoints:\n"
            f"  - {{name: hook, team: payments, url: '{receiver.address}', allow_private: true}}\n"
            "policies:\n"
            "  - {name: default, team: payments, steps: [{notify: endpoint/hook}]}\n"
        )
        said = made.tocsin("apply", str(file), "--yes")
        assert said.code == 0, said.text
        yield made
    finally:
        made.stop()


@pytest.fixture
def admin(product: Product) -> Iterator[httpx.Client]:
    """A client of an administrator."""
    with product.client() as client:
        yield client


@pytest.fixture
def providers() -> Iterator[Providers]:
    """Real receivers of channels, which a test opens as it needs them."""
    made = Providers()
    yield made
    made.close()
