"""Joining in one statement: the order, its money and its history, under the deal's lock.

Joining is the act that many do at once, each waiting for the lock of the same deal. What is
written is therefore sent in one go; everything was checked and reckoned before.
"""

from sqlalchemy import text

# `given` holds what `services.buying.ordering` reckoned: plain values, and rows as JSON. A
# participant who has an active commitment already makes `made` empty, and with it everything
# that follows.
#
# The LIMITs take nothing away: without them the planner expects so many rows of the JSON that
# it would read all tiers and articles of the instance for every order.
JOIN = text("""
WITH given AS (
    SELECT * FROM jsonb_to_record(CAST(:given AS jsonb)) AS given(
        group_buy_id bigint, participant_id bigint, member_id bigint, terms_number integer,
        state text, place integer, worst_case_minor bigint, payment_method text,
        pickup_point_id bigint, shipping_address text, note text, currency text,
        payment_state text, instrument text, lines jsonb, tiers jsonb, articles jsonb,
        price_now_minor bigint, price_next_minor bigint, missing_units integer,
        standing_value_minor bigint, standing_articles integer, is_tipped boolean,
        progress_basis_points integer, version integer, commitments_count integer,
        event text, at timestamptz)
), made AS (
    INSERT INTO commitments (kind, collaboration_id, participant_id, made_by_id, terms_number,
        state, out_reason, place, worst_case_minor, due_minor, made_at, changed_at, version)
    SELECT 'group_buy', group_buy_id, participant_id, member_id, terms_number,
        state, '', place, worst_case_minor, 0, at, at, 1
    FROM given
    ON CONFLICT DO NOTHING
    RETURNING id
), ordered AS (
    INSERT INTO group_buy_commitments (id, payment_method, pickup_point_id, shipping_address,
        note, freight_minor, share_minor)
    SELECT id, payment_method, pickup_point_id, shipping_address, note, 0, 0
    FROM made, given
), lined AS (
    INSERT INTO lines (commitment_id, article_id, units, tolerance, highest_price_minor, layers,
        granted, out_reason)
    SELECT made.id, line.article_id, line.units, line.tolerance, line.highest_price_minor,
        jsonb_build_array(jsonb_build_array(given.place, line.units, line.tolerance)), '[]', ''
    FROM made, given, jsonb_to_recordset(given.lines) AS line(article_id bigint,
        units integer, tolerance integer, highest_price_minor bigint)
), account AS (
    INSERT INTO accounts (owner_id, purpose, currency, balance_minor, held_minor, opened_at)
    SELECT participant_id, 'own', currency, 0, 0, at FROM made, given
    ON CONFLICT (owner_id, collaboration_id, purpose, currency)
        DO UPDATE SET opened_at = accounts.opened_at
    RETURNING id
), held AS (
    INSERT INTO holds (key, account_id, amount_minor, state, made_at)
    SELECT concat_ws('\\:', 'commitment', made.id, 1), account.id, worst_case_minor, 'pending', at
    FROM made, account, given
), to_pay AS (
    INSERT INTO payments (commitment_id, participant_id, state, instrument, currency,
        amount_minor, refunded_minor, checkout_key, intent_key, payment_method_key, consent,
        attempts_count, decline_code, made_at)
    SELECT id, participant_id, payment_state, instrument, currency, 0, 0, '', '', '', '', 0, '', at
    FROM made, given
), reckoned AS (
    UPDATE price_tiers SET demand_units = tier.demand_units,
        tolerance_units = tier.tolerance_units
    FROM made, given, LATERAL (
        SELECT * FROM jsonb_to_recordset(given.tiers) AS tier(id bigint, demand_units integer,
            tolerance_units integer)
        LIMIT jsonb_array_length(given.tiers)
    ) AS tier
    WHERE price_tiers.id = tier.id
), counted AS (
    UPDATE articles SET active_units = article.active_units,
        standing_units = article.standing_units, standing_tier = article.standing_tier
    FROM made, given, LATERAL (
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
    FROM made, given
    WHERE group_buys.id = given.group_buy_id
), moved AS (
    UPDATE collaborations SET last_place = given.place, is_tipped = given.is_tipped,
        progress_basis_points = given.progress_basis_points, version = given.version,
        commitments_count = given.commitments_count
    FROM made, given
    WHERE collaborations.id = given.group_buy_id
), told AS (
    INSERT INTO events (kind, member_id, participant_id, collaboration_id, commitment_id, facts,
        reason, happened_at)
    SELECT event, member_id, participant_id, group_buy_id, made.id, '{}', '', at
    FROM made, given
    RETURNING id
)
SELECT made.id AS commitment_id, told.id AS event_id FROM made, told
""")
