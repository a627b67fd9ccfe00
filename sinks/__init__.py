"""Where it leaves: a folder a channel, an attempt in and an outcome out; and the SQL projection of what happened."""
