"""How fast it is: four pages beside bare floors of their kind, measured in turn in one run."""
