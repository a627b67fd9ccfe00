"""Series: which slot each has, whose it is, and its last value."""
