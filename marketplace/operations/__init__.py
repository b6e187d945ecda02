"""Operations: health, metrics, the operator's page, legal texts, and work that recurs."""
