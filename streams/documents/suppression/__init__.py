"""Documents that keep alerts quiet: silences, maintenance and inhibitions."""
