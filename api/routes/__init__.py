"""The endpoints, one file a subject; each file's `router` is included by `api.http.app`."""
