"""Forms beside the YAML of what is written often: they write the same text that the editor shows, nothing else."""
