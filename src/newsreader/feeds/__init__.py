"""Documents of every kind to entries: bytes in, values out."""
