"""Circles: the doors for those who look for one, belong to one, and run one."""
