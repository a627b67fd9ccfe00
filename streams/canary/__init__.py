"""Canaries: small alerts of our own that go the whole way, so that it is noticed where none arrives."""
