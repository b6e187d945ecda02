"""Chargebacks, for pages and programs: what a bank asks, and what it is told."""
