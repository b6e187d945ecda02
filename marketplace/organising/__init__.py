"""Organising: the doors for those who open group buys and see them through."""
