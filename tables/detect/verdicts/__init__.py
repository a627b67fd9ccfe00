"""What is published of instances, and when."""
