"""What could not be handled: read from the topic `dead-letter`, shown, and sent back after a mend."""
