"""Discovery: finding a deal, a participant, a place."""
