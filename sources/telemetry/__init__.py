"""How samples and events reach Kafka: the publisher, the keys that sign, and the lease that says who polls what."""
