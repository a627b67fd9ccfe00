"""A plugin for the gateway: what happens inside it, to `telemetry`. This folder runs in the gateway's own process.

So it imports nothing of Tocsin, and its modules name each other relatively: it is copied whole, under another name.
"""
