"""Participants: the doors to public pages, organisations, pictures and places."""
