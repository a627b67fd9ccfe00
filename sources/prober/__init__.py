"""The prober: looks at TLS certificates, of gateways, of their upstreams and of what `probes` name."""
