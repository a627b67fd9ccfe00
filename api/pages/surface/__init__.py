"""What all pages share: their frame, the reader's zone, forms, failures, and lines of a drawing."""
