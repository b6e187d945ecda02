"""After the rush: nothing is sold twice, each answer stands for one order, the books balance."""

from sqlalchemy import text
from sqlalchemy.orm import Session

OVERSOLD = text("""
SELECT count(*) FROM articles
LEFT JOIN LATERAL (
    SELECT coalesce(sum(lines.units), 0) AS units FROM lines
    JOIN commitments ON commitments.id = lines.commitment_id
    WHERE lines.article_id = articles.id AND commitments.state = 'active'
) sold ON true
WHERE sold.units > articles.maximum_units OR sold.units <> articles.active_units
""")
SOLD = text("""
SELECT coalesce(sum(lines.units), 0) FROM lines
JOIN commitments ON commitments.id = lines.commitment_id
WHERE commitments.collaboration_id = :deal AND commitments.state = 'active'
""")


def oversold(session: Session) -> int:
    """How many articles sold more than there is, or count what their orders do not hold."""
    return int(session.scalar(OVERSOLD) or 0)


def sold(session: Session, deal_id: int) -> int:
    """Units of the active orders in a deal."""
    return int(session.scalar(SOLD, {"deal": deal_id}) or 0)
