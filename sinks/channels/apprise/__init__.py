"""The Apprise channel: services without a channel of their own, by the library Apprise where it is installed."""
