"""Series of group buys: the doors for those who run them and those who follow them."""
