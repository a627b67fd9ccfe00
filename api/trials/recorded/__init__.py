"""What Kafka has recorded, as the inputs of a trial."""
