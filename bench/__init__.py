"""Measures of the reader and of what it is made of; see README.md."""
