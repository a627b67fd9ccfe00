"""Reports: what a question about the past shows, as a file to keep or to hand on. Pure: rows in, text or bytes out."""
