"""Group buying, for people and for programs."""
