"""What leads from a message back to what it told of: the key of its group."""
