"""From the facts of many files to one program: names, calls, values, and who runs what."""
