"""The SQL read model: everything that happened, folded from the topic `changes` for whoever reads."""
