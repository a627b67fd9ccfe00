"""What a worker puts into logs by itself: ticks and configuration, and what it dead-letters of `config`."""
