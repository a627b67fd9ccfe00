"""What flows: immutable messages, configuration documents, and every stateless decision about them."""
