"""How the read model's tables came to be as they are: one file a version, run in order, none ever changed."""
