"""What a program shares, shows and starts: each place, with who runs it."""
