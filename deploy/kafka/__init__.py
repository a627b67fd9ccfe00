"""Makes and mends what lies on any Kafka: topics with their manifest, permissions, dead letters."""
