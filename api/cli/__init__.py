"""The verbs of the `tocsin` command line, one file a subject."""
