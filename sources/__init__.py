"""Where telemetry comes from: the bridge that polls gateways, the prober of certificates, and a demonstration."""
