"""How people steer it: the HTTP API, the page, the live stream and the `tocsin` command line."""
