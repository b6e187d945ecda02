"""What somebody has promised, over all kinds of deals."""
