"""Self-watch: canaries fly the way of every alert, and where none arrives a word goes without Kafka."""
