"""Windows of all series of a gateway: filled and read together."""
