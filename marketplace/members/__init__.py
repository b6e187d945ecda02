"""Members: the doors by which people join, sign in, and change how they do."""
