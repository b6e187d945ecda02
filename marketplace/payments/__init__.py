"""Payments at the door: pages, the gateway's messages, and the calls between transactions."""
