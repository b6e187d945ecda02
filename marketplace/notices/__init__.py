"""Notices: the inbox, how one wants to hear of things, and the jobs that tell and mail."""
