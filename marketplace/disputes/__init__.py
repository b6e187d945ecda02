"""Disputes: reports by anyone, the moderators' queue, and the public log of decisions."""
