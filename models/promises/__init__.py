"""What only the database can promise: books and invoices that stay; search; stock as it is now.

These statements run after the tables are made, in the order given. A migration carries
its own frozen copy; a test compares the two schemas.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from models.base import Model
from models.promises.circles import CIRCLES
from models.promises.invoices import INVOICES

SEARCH = """
CREATE FUNCTION allmende_trigrams(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT substr(word, start, 3)), '{}')
    FROM regexp_split_to_table(lower(words), '[^[:alnum:]]+') AS word,
         generate_series(1, greatest(length(word) - 2, 0)) AS start
$$;

CREATE FUNCTION allmende_search(lang text, title text, body text, wares text)
RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- Bound to the function it calls when it is made: a backup is read back with nothing in the path.
RETURN setweight(
               CASE lang
                   WHEN 'de' THEN to_tsvector('pg_catalog.german', title)
                   WHEN 'nl' THEN to_tsvector('pg_catalog.dutch', title)
                   WHEN 'en' THEN to_tsvector('pg_catalog.english', title)
                   ELSE to_tsvector('pg_catalog.simple', title)
               END || to_tsvector('pg_catalog.simple', title), 'A')
        || setweight(
               CASE lang
                   WHEN 'de' THEN to_tsvector('pg_catalog.german', body)
                   WHEN 'nl' THEN to_tsvector('pg_catalog.dutch', body)
                   WHEN 'en' THEN to_tsvector('pg_catalog.english', body)
                   ELSE to_tsvector('pg_catalog.simple', body)
               END, 'C')
        || strip(
               CASE lang
                   WHEN 'de' THEN to_tsvector('pg_catalog.german', wares)
                   WHEN 'nl' THEN to_tsvector('pg_catalog.dutch', wares)
                   WHEN 'en' THEN to_tsvector('pg_catalog.english', wares)
                   ELSE to_tsvector('pg_catalog.simple', wares)
               END)
        || array_to_tsvector(
               ARRAY(SELECT '~' || gram FROM unnest(allmende_trigrams(title)) AS gram));
"""

LEDGER = """
CREATE FUNCTION ledger_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger: % is written once; correct it by a counter-transfer', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER entries_are_immutable BEFORE UPDATE OR DELETE ON entries
    FOR EACH ROW EXECUTE FUNCTION ledger_is_written_once();
CREATE TRIGGER entries_stay BEFORE TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_written_once();
CREATE TRIGGER transfers_are_immutable BEFORE UPDATE OR DELETE ON transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_is_written_once();
CREATE TRIGGER transfers_stay BEFORE TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_written_once();

CREATE FUNCTION ledger_post_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET balance_minor = balance_minor + NEW.amount_minor
        WHERE id = NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER entries_are_posted AFTER INSERT ON entries
    FOR EACH ROW EXECUTE FUNCTION ledger_post_entry();

CREATE FUNCTION ledger_transfer_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_transfer bigint;
BEGIN
    IF TG_TABLE_NAME = 'transfers' THEN
        of_transfer := NEW.id;
    ELSE
        of_transfer := NEW.transfer_id;
    END IF;
    IF (SELECT count(*) FROM entries WHERE transfer_id = of_transfer) < 2 THEN
        RAISE EXCEPTION 'ledger: transfer % has fewer than two entries', of_transfer
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM entries WHERE transfer_id = of_transfer
               GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'ledger: transfer % does not sum to zero', of_transfer
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER transfers_balance AFTER INSERT ON transfers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transfer_balances();
CREATE CONSTRAINT TRIGGER entries_balance AFTER INSERT ON entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transfer_balances();

CREATE FUNCTION ledger_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance_minor <> 0 OR NEW.held_minor <> 0 THEN
            RAISE EXCEPTION 'ledger: an account opens at zero'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (NEW.balance_minor, NEW.held_minor) IS DISTINCT FROM (OLD.balance_minor, OLD.held_minor)
          AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'ledger: a balance is changed by entries and holds alone'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_are_guarded BEFORE INSERT OR UPDATE ON accounts
    FOR EACH ROW EXECUTE FUNCTION ledger_guard_account();

CREATE FUNCTION ledger_keep_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'ledger: a hold is posted or voided, never deleted'
            USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'pending' THEN
            RAISE EXCEPTION 'ledger: a hold begins as pending'
                USING ERRCODE = 'restrict_violation';
        END IF;
        UPDATE accounts SET held_minor = held_minor + NEW.amount_minor WHERE id = NEW.account_id;
    ELSE
        IF OLD.state <> 'pending' OR NEW.state = 'pending'
           OR (NEW.account_id, NEW.amount_minor, NEW.key)
              IS DISTINCT FROM (OLD.account_id, OLD.amount_minor, OLD.key) THEN
            RAISE EXCEPTION 'ledger: a hold is posted or voided, once'
                USING ERRCODE = 'restrict_violation';
        END IF;
        UPDATE accounts SET held_minor = held_minor - OLD.amount_minor WHERE id = OLD.account_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER holds_are_kept AFTER INSERT OR UPDATE OR DELETE ON holds
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_hold();
"""

HISTORY = """
CREATE FUNCTION history_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is history and cannot be changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER terms_are_immutable BEFORE UPDATE OR DELETE ON terms
    FOR EACH ROW EXECUTE FUNCTION history_is_written_once();
CREATE TRIGGER clearings_are_immutable BEFORE UPDATE OR DELETE ON clearings
    FOR EACH ROW EXECUTE FUNCTION history_is_written_once();
"""

# A statement sees what was committed when it began, and one that locks a deal may have waited for
# others since. What a volatile function reads, it reads as it is when it is called: after the wait.
# `services.buying.stock` reads each row by place: the order is that of its fields.
STOCK = """
CREATE FUNCTION stock_of(deal_id bigint, article_ids bigint[], point_id bigint) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN jsonb_build_object(
        'has_pickup_point', EXISTS (
            SELECT FROM pickup_points WHERE id = point_id AND group_buy_id = deal_id
        ),
        'articles', (
            SELECT jsonb_agg(jsonb_build_array(
                id, name, minimum_units, maximum_units, case_size, vat_basis_points,
                deposit_minor, base_units_thousandths, overweight_basis_points, active_units,
                demand_units, tolerance_units, standing_units, standing_tier, (
                    SELECT jsonb_agg(
                        jsonb_build_array(from_units, price_minor) ORDER BY tier.position
                    )
                    FROM price_tiers AS tier WHERE tier.article_id = articles.id
                )
            ) ORDER BY position)
            FROM articles WHERE group_buy_id = deal_id AND id = ANY (article_ids)
        )
    );
END $$;
"""


def _run(statements: str) -> Callable[..., None]:
    def run(_target: Any, connection: Connection, **_: Any) -> None:
        connection.exec_driver_sql(statements.replace("%", "%%"))

    return run


# The search function must be there before the table whose generated column calls it.
event.listen(Model.metadata, "before_create", _run(SEARCH))
event.listen(Model.metadata, "after_create", _run(LEDGER))
event.listen(Model.metadata, "after_create", _run(HISTORY))
event.listen(Model.metadata, "after_create", _run(INVOICES))
event.listen(Model.metadata, "after_create", _run(STOCK))
event.listen(Model.metadata, "after_create", _run(CIRCLES))
