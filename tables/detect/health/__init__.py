"""Whether what is heard of a gateway can be trusted: its sources, their clocks and processes, its bounds."""
