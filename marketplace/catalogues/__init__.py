"""Catalogues: the supplier's articles, list by list."""
