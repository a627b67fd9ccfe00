"""Where it comes from: the bridge that polls gateways, and a gateway that only pretends, for demonstrations."""
