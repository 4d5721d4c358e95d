"""The front-end for Python."""
