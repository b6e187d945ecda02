"""Ways out of the house: the one place where a payment provider's own words are understood."""
