"""The instance itself: home, how it works, preferences."""
