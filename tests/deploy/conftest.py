"""A runtime that is ready to start brokers, made once for all tests of this room."""

from __future__ import annotations

import os

import pytest

from deploy.embedded.aot import train
from deploy.embedded.java import Profile
from deploy.embedded.runtime import Runtime, install


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    """Verified jars and an AOT cache; where the cache cannot be made, brokers only start more slowly."""
    ready = install(os.environ)
    train(ready, Profile.TEST)
    return ready
