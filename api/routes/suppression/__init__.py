"""What keeps alerts quiet: previews of what it covers and when, a window that ends early, a silence from an alert."""
