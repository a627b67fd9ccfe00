"""The settings with which a gateway tells us by itself what no poll can read."""

from __future__ import annotations

from tests.acceptance.product import Product


def telling(product: Product, name: str) -> dict[str, str]:
    """Environment of the gateway; `name`: what it is called with us."""
    return {
        "SSO_ENABLED": "true",
        "CONTENT_STRICT_MIME_VALIDATION": "true",
        "TOOL_TIMEOUT": "31",
    }
