"""Where Tocsin runs: the embedded broker, the supervisor of a single machine, the image and the cluster files."""
