"""Rules and their tests as Prometheus writes them, translated into ours as far as they map: pure, but for the verb."""
