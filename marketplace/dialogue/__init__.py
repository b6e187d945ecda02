"""Dialogue: the question thread beside a deal."""
