"""A gateway that only pretends, polled by the ordinary bridge, so that there is something to see."""
