"""What is known of Windows, and the rules: read from ``rules/``, and from what users add."""
