"""The pages, a file each: a request in, HTML out; what is read and done is read and done by the API's own routes."""
