"""The front-ends of scripts, installers and files of settings."""
