"""The loop around every channel: attempts from Kafka, one call each, outcomes back, offsets committed after."""
