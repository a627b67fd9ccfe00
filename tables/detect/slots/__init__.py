"""What an index of a gateway's slots consists of: numbers by name, and which series each rule reads."""
