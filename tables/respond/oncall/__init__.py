"""On call: whom a target reaches at the moment in which a step fires, and by which way."""
