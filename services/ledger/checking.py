"""Checking the books: what the database keeps is recomputed from what was written."""

from sqlalchemy import func, literal, literal_column, select, text, union_all
from sqlalchemy.orm import Session


def verify(session: Session) -> list[str]:
    """Everything that is wrong with the books, in words; empty if they are sound.

    Recomputes what the database keeps: each balance from its entries, each held amount from
    its holds, and the sum of each currency. (Liberapay checks its books the same way.) What
    closed accounts promise is looked at, too: all of a settled pot is with whoever it belongs to.
    One statement sees everything at one moment, whoever books meanwhile.
    """
    session.flush()
    return [f"{check}: {tuple(row.values())}" for check, row in session.execute(_EVERY_CHECK)]


# Each column has a name of its own: of two that share one a JSON object keeps the second.
_CHECKS = {
    "currency does not sum to zero": """
        SELECT currency, sum(amount_minor) FROM entries GROUP BY currency
        HAVING sum(amount_minor) <> 0""",
    "transfer does not sum to zero": """
        SELECT transfer_id, currency, sum(amount_minor) FROM entries
        GROUP BY transfer_id, currency HAVING sum(amount_minor) <> 0""",
    "transfer without entries": """
        SELECT id FROM transfers t
        WHERE (SELECT count(*) FROM entries e WHERE e.transfer_id = t.id) < 2""",
    "reversal that is no opposite": """
        SELECT t.id, t.reverses_id, account_id, sum(e.amount_minor) FROM transfers t
        JOIN entries e ON e.transfer_id IN (t.id, t.reverses_id)
        WHERE t.reverses_id IS NOT NULL GROUP BY t.id, t.reverses_id, account_id
        HAVING sum(e.amount_minor) <> 0""",
    "balance differs from its entries": """
        SELECT a.id, a.balance_minor, coalesce(e.total, 0) AS total FROM accounts a
        LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM entries GROUP BY account_id)
            e ON e.account_id = a.id
        WHERE a.balance_minor <> coalesce(e.total, 0)""",
    "held amount differs from its holds": """
        SELECT a.id, a.held_minor, coalesce(h.total, 0) AS total FROM accounts a
        LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM holds
                   WHERE state = 'pending' GROUP BY account_id) h ON h.account_id = a.id
        WHERE a.held_minor <> coalesce(h.total, 0)""",
    "balance below its floor": """
        SELECT id, balance_minor, held_minor, floor_minor FROM accounts
        WHERE balance_minor - held_minor < floor_minor""",
    "pot of a settled group buy is not empty": """
        SELECT g.id AS group_buy_id, a.id, a.currency, a.balance_minor, a.held_minor
        FROM group_buys g JOIN accounts a ON a.collaboration_id = g.id
        WHERE g.settled_at IS NOT NULL AND a.purpose = 'pot'
        AND (a.balance_minor <> 0 OR a.held_minor <> 0)""",
}
_EVERY_CHECK = union_all(
    *(
        select(literal(check), func.row_to_json(literal_column("found"))).select_from(
            text(f"({query}) AS found")
        )
        for check, query in _CHECKS.items()
    )
)
