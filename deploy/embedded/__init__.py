"""The embedded Kafka: Java, verified jars, caches, the configuration, and the process of a single-node broker."""
