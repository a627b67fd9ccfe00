"""What the API reads: queries on the read model, one file a subject, shown as the outside sees them."""
