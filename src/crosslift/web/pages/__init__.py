"""Pages for people: the storefront and the reference, rendered on the server."""
