"""The books, for programs: what the instance owes each of its participants."""
