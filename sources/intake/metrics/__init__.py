"""Metrics as other systems push them: their bytes in, frames of samples out. Pure."""
