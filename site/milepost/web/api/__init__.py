"""The API for programs of a store's own: JSON, bearer tokens, problem details (RFC 9457)."""
