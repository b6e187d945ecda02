"""Starts, supervises and tests the service on one machine; knows nothing of what it does."""
