"""Joining in one statement: the order, its money and its history, under the deal's lock.

Joining is the act that many do at once, each waiting for the lock of the same deal. Whatever it
writes is therefore sent in one go, when everything is checked and reckoned: the database adds
nothing up and decides nothing but whether this is the first time.

`given` is what `services.buying.ordering` reckoned: plain values, and rows as JSON, with a number
drawn for the commitment. Two things can stop the order, and then nothing at all is written,
because each part takes its row from `made`:

- `once`: the request came before, under the same key, and was answered;
- `made`: the participant has a commitment that counts.

What follows is the order (`ordered`, `lined`), what it may cost, held on the participant's own
account, which is opened if this is their first order (`own`, `opened`, `held`, `to_pay`), where
the deal stands now (`reckoned`, `counted`, `stood`, `moved`), and the event (`told`). The last
lines defer the job that reacts to the event, in the same transaction.

The LIMITs take nothing away: without them the planner expects so many rows of the JSON that it
would read all tiers and articles of the instance for every order.
"""

from sqlalchemy import ARRAY, BigInteger, column, text

JOIN = text("""
WITH given AS (
    SELECT nextval('commitments_id_seq') AS id, *
    FROM jsonb_to_record(CAST(:given AS jsonb)) AS given(
        group_buy_id bigint, participant_id bigint, member_id bigint, terms_number integer,
        state commitment_state, place integer, worst_case_minor bigint,
        payment_method payment_method, pickup_point_id bigint, shipping_address text, note text,
        currency text, payment_state payment_state, instrument instrument,
        lines jsonb, tiers jsonb, articles jsonb,
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
), ordered AS (
    INSERT INTO group_buy_commitments (id, payment_method, pickup_point_id, shipping_address,
        note, freight_minor, share_minor)
    SELECT id, payment_method, pickup_point_id, shipping_address, note, 0, 0
    FROM made JOIN given USING (id)
), lined AS (
    INSERT INTO lines (commitment_id, article_id, units, tolerance, highest_price_minor, layers,
        granted, out_reason)
    SELECT id, line.article_id, line.units, line.tolerance, line.highest_price_minor,
        jsonb_build_array(jsonb_build_array(given.place, line.units, line.tolerance)), '[]', ''
    FROM made JOIN given USING (id), jsonb_to_recordset(given.lines) AS line(article_id bigint,
        units integer, tolerance integer, highest_price_minor bigint)
), own AS (
    SELECT accounts.id FROM given JOIN accounts ON owner_id = participant_id
        AND collaboration_id IS NULL AND purpose = 'own' AND accounts.currency = given.currency
), opened AS (
    INSERT INTO accounts (owner_id, purpose, currency, balance_minor, held_minor, opened_at)
    SELECT participant_id, 'own', currency, 0, 0, at
    FROM made JOIN given USING (id) WHERE NOT EXISTS (SELECT FROM own)
    ON CONFLICT (owner_id, collaboration_id, purpose, currency)
        DO UPDATE SET opened_at = accounts.opened_at
    RETURNING id
), held AS (
    INSERT INTO holds (key, account_id, amount_minor, state, made_at)
    SELECT concat_ws('\\:', 'commitment', made.id, 1), account.id, worst_case_minor, 'pending', at
    FROM made JOIN given USING (id), (TABLE own UNION ALL TABLE opened) AS account
), to_pay AS (
    INSERT INTO payments (commitment_id, participant_id, state, instrument, currency,
        amount_minor, refunded_minor, checkout_key, intent_key, payment_method_key, consent,
        attempts_count, decline_code, made_at)
    SELECT id, participant_id, payment_state, instrument, currency, 0, 0, '', '', '', '', 0, '', at
    FROM made JOIN given USING (id)
), reckoned AS (
    UPDATE price_tiers SET demand_units = tier.demand_units,
        tolerance_units = tier.tolerance_units
    FROM made JOIN given USING (id), LATERAL (
        SELECT * FROM jsonb_to_recordset(given.tiers) AS tier(id bigint, demand_units integer,
            tolerance_units integer)
        LIMIT jsonb_array_length(given.tiers)
    ) AS tier
    WHERE price_tiers.id = tier.id
), counted AS (
    UPDATE articles SET active_units = article.active_units,
        standing_units = article.standing_units, standing_tier = article.standing_tier
    FROM made JOIN given USING (id), LATERAL (
        SELECT * FROM jsonb_to_recordset(given.articles) AS article(id bigint,
            active_units integer, standing_units integer, standing_tier integer)
        LIMIT jsonb_array_length(given.articles)
    ) AS article
    WHERE articles.id = article.id
), stood AS (
    UPDATE group_buys SET price_now_minor = given.price_now_minor,
        price_next_minor = given.price_next_minor, missing_units = given.missing_units,
        standing_value_minor = given.standing_value_minor,
        standing_articles = given.standing_articles
    FROM made JOIN given USING (id)
    WHERE group_buys.id = given.group_buy_id
), moved AS (
    UPDATE collaborations SET last_place = given.place, is_tipped = given.is_tipped,
        progress_basis_points = given.progress_basis_points, version = given.version,
        commitments_count = given.commitments_count
    FROM made JOIN given USING (id)
    WHERE collaborations.id = given.group_buy_id
), told AS (
    INSERT INTO events (kind, member_id, participant_id, collaboration_id, commitment_id, facts,
        reason, happened_at)
    SELECT event, member_id, participant_id, group_buy_id, id, '{}', '', at
    FROM made JOIN given USING (id)
    RETURNING id
)
SELECT given.id, procrastinate_defer_jobs_v1(ARRAY[
    CAST(('default', 'react', 0, NULL, NULL, jsonb_build_object('event_id', told.id), NULL)
        AS procrastinate_job_to_defer_v1)
])
FROM told, given
""").columns(column("id", BigInteger), column("jobs", ARRAY(BigInteger)))
