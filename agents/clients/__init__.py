"""Clients of Kafka beside Faust's consumer: producers, offsets of logs, and the manifest."""
