"""The truth: what exists, and what is allowed in which state."""
