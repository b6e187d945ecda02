"""Payouts, for pages and programs: whoever sells sets up an account and sees what they are sent."""
