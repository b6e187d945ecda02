"""Joining in one statement: the order, its money and its history, under the deal's lock.

Joining is the act that many do at once, each waiting for the lock of the same deal. Whatever it
writes is therefore sent in one go, when everything is checked and reckoned: the database adds
nothing up and decides nothing but whether this is the first time.

`given` is what `services.buying.ordering` reckoned: plain values, and rows as JSON, with a number
drawn for the commitment. Two things can stop the order, and then nothing at all is written,
because each part takes its row from `kept`, which is `given` once it is made:

- `once`: the request came before, under the same key, and was answered;
- `made`: the participant has a commitment that counts.

What follows is the order (`ordered`, `lined`), what it may cost, held on the participant's own
account, which is opened if this is their first order (`own`, `opened`, `held`, `to_pay`), where
the deal stands now (`counted`, `stood`, `moved`), and the event (`told`). The last
lines defer the job that reacts to the event, in the same transaction.

The LIMIT takes nothing away: without it the planner expects so many rows of the JSON that it would
read all articles of the instance for every order.
"""

from sqlalchemy import ARRAY, BigInteger, column, text

# It says which columns it gives, else they would be made out anew for each order.
JOIN = text("""
WITH given AS (
    SELECT nextval('commitments_id_seq') AS id, *
    FROM jsonb_to_record(CAST(:given AS jsonb)) AS given(
        group_buy_id bigint, participant_id bigint, member_id bigint, terms_number integer,
        state commitment_state, place integer, worst_case_minor bigint,
        payment_method payment_method, pickup_point_id bigint, shipping_address text, note text,
        currency text, payment_state payment_state, instrument payment_instrument,
        lines jsonb, articles jsonb,
        price_now_minor bigint, price_next_minor bigint, missing_units integer,
        standing_value_minor bigint, standing_articles integer, is_tipped boolean,
        progress_basis_points integer, version integer, commitments_count integer,
        event text, at timestamptz, route text, key text, request_hash text)
), once AS (
    INSERT INTO idempotency_records (member_id, route, key, request_hash, made_at, status, answer)
    SELECT member_id, route, key, decode(request_hash, 'hex'), at, 303,
        jsonb_build_object('commitment_id', id)
    FROM given WHERE key IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING id
), made AS (
    INSERT INTO commitments (id, kind, collaboration_id, participant_id, made_by_id, terms_number,
        state, out_reason, place, worst_case_minor, due_minor, made_at, changed_at, version)
    SELECT id, 'group_buy', group_buy_id, participant_id, member_id, terms_number,
        state, '', place, worst_case_minor, 0, at, at, 1
    FROM given WHERE key IS NULL OR EXISTS (SELECT FROM once)
    ON CONFLICT DO NOTHING
    RETURNING id
), kept AS (
    SELECT given.* FROM given, made
), ordered AS (
    INSERT INTO group_buy_commitments (id, payment_method, pickup_point_id, shipping_address,
        note, freight_minor, share_minor)
    SELECT id, payment_method, pickup_point_id, shipping_address, note, 0, 0 FROM kept
), lined AS (
    INSERT INTO lines (commitment_id, article_id, units, tolerance, highest_price_minor, layers,
        granted, out_reason)
    SELECT id, line.article_id, line.units, line.tolerance, line.highest_price_minor,
        jsonb_build_array(jsonb_build_array(place, line.units, line.tolerance)), '[]', ''
    FROM kept, jsonb_to_recordset(kept.lines) AS line(article_id bigint,
        units integer, tolerance integer, highest_price_minor bigint)
), own AS (
    SELECT accounts.id FROM given JOIN accounts ON owner_id = participant_id
        AND collaboration_id IS NULL AND purpose = 'own' AND accounts.currency = given.currency
), opened AS (
    INSERT INTO accounts (owner_id, purpose, currency, balance_minor, held_minor, opened_at)
    SELECT participant_id, 'own', currency, 0, 0, at
    FROM kept WHERE NOT EXISTS (SELECT FROM own)
    ON CONFLICT (owner_id, collaboration_id, purpose, currency)
        DO UPDATE SET opened_at = accounts.opened_at
    RETURNING id
), held AS (
    INSERT INTO holds (key, account_id, amount_minor, state, made_at)
    SELECT concat_ws('\\:', 'commitment', kept.id, 1), account.id, worst_case_minor, 'pending', at
    FROM kept, (TABLE own UNION ALL TABLE opened) AS account
), to_pay AS (
    INSERT INTO payments (commitment_id, participant_id, state, instrument, currency,
        amount_minor, refunded_minor, checkout_key, intent_key, payment_method_key, consent,
        attempts_count, decline_code, made_at)
    SELECT id, participant_id, payment_state, instrument, currency, 0, 0, '', '', '', '', 0, '', at
    FROM kept
), counted AS (
    UPDATE articles SET active_units = article.active_units,
        demand_units = article.demand_units, tolerance_units = article.tolerance_units,
        standing_units = article.standing_units, standing_tier = article.standing_tier
    FROM kept, LATERAL (
        SELECT * FROM jsonb_to_recordset(kept.articles) AS article(id bigint,
            active_units integer, demand_units integer[], tolerance_units integer[],
            standing_units integer, standing_tier integer)
        LIMIT jsonb_array_length(kept.articles)
    ) AS article
    WHERE articles.id = article.id
), stood AS (
    UPDATE group_buys SET price_now_minor = kept.price_now_minor,
        price_next_minor = kept.price_next_minor, missing_units = kept.missing_units,
        standing_value_minor = kept.standing_value_minor,
        standing_articles = kept.standing_articles
    FROM kept
    WHERE group_buys.id = kept.group_buy_id
), moved AS (
    UPDATE collaborations SET last_place = kept.place, is_tipped = kept.is_tipped,
        progress_basis_points = kept.progress_basis_points, version = kept.version,
        commitments_count = kept.commitments_count
    FROM kept
    WHERE collaborations.id = kept.group_buy_id
), told AS (
    INSERT INTO events (kind, member_id, participant_id, collaboration_id, commitment_id, facts,
        reason, happened_at)
    SELECT event, member_id, participant_id, group_buy_id, id, '{}', '', at
    FROM kept
    RETURNING id
)
SELECT kept.id, procrastinate_defer_jobs_v1(ARRAY[
    CAST(('default', 'react', 0, NULL, NULL, jsonb_build_object('event_id', told.id), NULL)
        AS procrastinate_job_to_defer_v1)
])
FROM told, kept
""").columns(column("id", BigInteger), column("jobs", ARRAY(BigInteger)))
