"""What all tests share: how hypothesis looks for counter-examples."""

from __future__ import annotations

from hypothesis import settings

# A law holds however slow the machine is on which it is tested; and the same run finds the same.
settings.register_profile("house", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("house")
