"""What names denote, and what each call calls."""
