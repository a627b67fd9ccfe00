"""Where it leaves: one file per channel, an attempt in and an outcome out; and the SQL projection of what happened."""
