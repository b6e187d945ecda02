"""first tables."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# Until the first release this migration changes in place, and its name with it: a database that
# was made by it as it was is refused, not taken for one that is up to date.
revision = 'tables_2026_11_28_e'
down_revision = None
branch_labels = None
depends_on = None


SEARCH = r'''
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
'''.replace('%', '%%')

LEDGER = r'''
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
'''.replace('%', '%%')

HISTORY = r'''
CREATE FUNCTION history_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is history and cannot be changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER terms_are_immutable BEFORE UPDATE OR DELETE ON terms
    FOR EACH ROW EXECUTE FUNCTION history_is_written_once();
CREATE TRIGGER clearings_are_immutable BEFORE UPDATE OR DELETE ON clearings
    FOR EACH ROW EXECUTE FUNCTION history_is_written_once();
'''.replace('%', '%%')

INVOICES = r'''
CREATE FUNCTION invoice_take_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO invoice_counters AS counter (seller_id, year, last_number)
        VALUES (NEW.seller_id, NEW.year, 1)
        ON CONFLICT (seller_id, year) DO UPDATE SET last_number = counter.last_number + 1
        RETURNING counter.last_number INTO NEW.number;
    UPDATE commitments SET invoiced_minor = invoiced_minor + NEW.total_minor
        WHERE id = NEW.commitment_id;
    RETURN NEW;
END $$;
CREATE TRIGGER invoices_are_numbered BEFORE INSERT ON invoices
    FOR EACH ROW EXECUTE FUNCTION invoice_take_number();

CREATE FUNCTION invoice_guard_counter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'invoices: this is counted by the documents alone'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoice_counters_are_guarded BEFORE INSERT OR UPDATE OR DELETE ON invoice_counters
    FOR EACH ROW EXECUTE FUNCTION invoice_guard_counter();

CREATE TRIGGER commitments_are_documented BEFORE UPDATE OF invoiced_minor ON commitments
    FOR EACH ROW WHEN (OLD.invoiced_minor IS DISTINCT FROM NEW.invoiced_minor)
    EXECUTE FUNCTION invoice_guard_counter();

CREATE TRIGGER invoices_are_immutable BEFORE UPDATE OR DELETE ON invoices
    FOR EACH ROW EXECUTE FUNCTION history_is_written_once();
CREATE TRIGGER invoices_stay BEFORE TRUNCATE ON invoices
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_written_once();
CREATE TRIGGER invoice_lines_are_immutable BEFORE UPDATE OR DELETE ON invoice_lines
    FOR EACH ROW EXECUTE FUNCTION history_is_written_once();
CREATE TRIGGER invoice_lines_stay BEFORE TRUNCATE ON invoice_lines
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_written_once();

CREATE FUNCTION invoice_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_invoice bigint;
    said invoices;
BEGIN
    IF TG_TABLE_NAME = 'invoices' THEN
        of_invoice := NEW.id;
    ELSE
        of_invoice := NEW.invoice_id;
    END IF;
    SELECT * INTO said FROM invoices WHERE id = of_invoice;
    IF (SELECT (sum(gross_minor)::bigint, sum(vat_minor)::bigint) FROM invoice_lines
        WHERE invoice_id = of_invoice) IS DISTINCT FROM (said.total_minor, said.vat_minor) THEN
        RAISE EXCEPTION 'invoices: the lines of % do not add up', of_invoice
            USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT sum(total_minor) FROM invoices WHERE commitment_id = said.commitment_id)
        IS DISTINCT FROM (SELECT invoiced_minor FROM commitments WHERE id = said.commitment_id) THEN
        RAISE EXCEPTION 'invoices: they are not what is kept of %', said.commitment_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoices_add_up AFTER INSERT ON invoices
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoice_adds_up();
CREATE CONSTRAINT TRIGGER invoice_lines_add_up AFTER INSERT ON invoice_lines
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoice_adds_up();
'''.replace('%', '%%')

STOCK = r'''
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
'''.replace('%', '%%')

QUEUE = r'''-- Procrastinate Schema

DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;
EXCEPTION
    WHEN OTHERS THEN
        -- On managed PostgreSQL services (e.g. Azure Database for PostgreSQL, Amazon RDS,
        -- Google Cloud SQL), CREATE EXTENSION may fail with various error codes:
        -- insufficient_privilege, feature_not_supported, or provider-specific errors.
        -- Before ignoring, verify the extension actually exists — if it does not exist
        -- and cannot be created, re-raise so the failure is explicit.
        IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'plpgsql') THEN
            RAISE NOTICE 'plpgsql extension already exists, skipping creation.';
        ELSE
            RAISE;
        END IF;
END;
$$;

-- Enums

CREATE TYPE procrastinate_job_status AS ENUM (
    'todo',  -- The job is queued
    'doing',  -- The job has been fetched by a worker
    'succeeded',  -- The job ended successfully
    'failed',  -- The job ended with an error
    'cancelled', -- The job was cancelled
    'aborting',  -- legacy, not used anymore since v3.0.0
    'aborted'  -- The job was aborted
);

CREATE TYPE procrastinate_job_event_type AS ENUM (
    'deferred',  -- Job created, in todo
    'started',  -- todo -> doing
    'deferred_for_retry',  -- doing -> todo
    'failed',  -- doing -> failed
    'succeeded',  -- doing -> succeeded
    'cancelled', -- todo -> cancelled
    'abort_requested', -- not a state transition, but set in a separate field
    'aborted', -- doing -> aborted (only allowed when abort_requested field is set)
    'scheduled', -- not a state transition, but recording when a task is scheduled for
    'retried' -- Manually retried failed job
);

-- Composite Types

CREATE TYPE procrastinate_job_to_defer_v1 AS (
    queue_name character varying,
    task_name character varying,
    priority integer,
    lock text,
    queueing_lock text,
    args jsonb,
    scheduled_at timestamp with time zone
);

-- Tables

CREATE TABLE procrastinate_workers(
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    last_heartbeat timestamp with time zone NOT NULL DEFAULT NOW()
);

CREATE TABLE procrastinate_jobs (
    id bigserial PRIMARY KEY,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    lock text,
    queueing_lock text,
    args jsonb DEFAULT '{}' NOT NULL,
    status procrastinate_job_status DEFAULT 'todo'::procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone NULL,
    attempts integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint REFERENCES procrastinate_workers(id) ON DELETE SET NULL,
    CONSTRAINT check_not_todo_abort_requested CHECK (NOT (status = 'todo' AND abort_requested = true))
);

CREATE TABLE procrastinate_periodic_defers (
    id bigserial PRIMARY KEY,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint REFERENCES procrastinate_jobs(id) NULL,
    periodic_id character varying(128) NOT NULL DEFAULT '',
    CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp)
);

CREATE TABLE procrastinate_events (
    id bigserial PRIMARY KEY,
    job_id bigint NOT NULL REFERENCES procrastinate_jobs ON DELETE CASCADE,
    type procrastinate_job_event_type,
    at timestamp with time zone DEFAULT NOW() NULL
);

-- Constraints & Indices

-- this prevents from having several jobs with the same queueing lock in the "todo" state
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON procrastinate_jobs (queueing_lock) WHERE status = 'todo';
-- this prevents from having several jobs with the same lock in the "doing" state
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON procrastinate_jobs (lock) WHERE status = 'doing';

-- Index for select_stalled_jobs_by_heartbeat query
CREATE INDEX idx_procrastinate_jobs_worker_not_null ON procrastinate_jobs(worker_id) WHERE worker_id IS NOT NULL AND status = 'doing'::procrastinate_job_status;

CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON procrastinate_jobs(queue_name);
CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON procrastinate_jobs (id, lock) WHERE status = ANY (ARRAY['todo'::procrastinate_job_status, 'doing'::procrastinate_job_status]);
CREATE INDEX procrastinate_jobs_priority_idx_v1 ON procrastinate_jobs(priority desc, id asc) WHERE (status = 'todo'::procrastinate_job_status);

CREATE INDEX procrastinate_events_job_id_fkey_v1 ON procrastinate_events(job_id);

CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON procrastinate_periodic_defers(job_id);

CREATE INDEX idx_procrastinate_workers_last_heartbeat ON procrastinate_workers(last_heartbeat);

-- Functions
CREATE FUNCTION procrastinate_defer_jobs_v1(
    jobs procrastinate_job_to_defer_v1[]
)
    RETURNS bigint[]
    LANGUAGE plpgsql
AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;

    RETURN job_ids;
END;
$$;

CREATE FUNCTION procrastinate_defer_periodic_job_v2(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _priority integer,
    _periodic_id character varying,
    _defer_timestamp bigint,
    _args jsonb
)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;

CREATE FUNCTION procrastinate_fetch_job_v2(
    target_queue_names character varying[],
    p_worker_id bigint
)
    RETURNS procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

 RETURN found_jobs;
END;
$$;

CREATE FUNCTION procrastinate_finish_job_v1(job_id bigint, end_status procrastinate_job_status, delete_job boolean)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;

CREATE FUNCTION procrastinate_retry_job_v1(
    job_id bigint,
    retry_at timestamp with time zone,
    new_priority integer,
    new_queue_name character varying,
    new_lock character varying
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION procrastinate_retry_job_v2(
    job_id bigint,
    retry_at timestamp with time zone,
    new_priority integer,
    new_queue_name character varying,
    new_lock character varying
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;

END;
$$;

CREATE FUNCTION procrastinate_notify_queue_job_inserted_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_notify_queue_abort_job_v1()
RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_function_status_events_insert_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_function_status_events_update_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_function_scheduled_events_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_abort_requested_events_procedure_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_unlink_periodic_defers_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;

CREATE FUNCTION procrastinate_register_worker_v1()
    RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION procrastinate_unregister_worker_v1(worker_id bigint)
    RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION procrastinate_update_heartbeat_v1(worker_id bigint)
    RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat float)
    RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;

-- Triggers

CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue_job_inserted_v1();

CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1
    AFTER UPDATE OF abort_requested ON procrastinate_jobs
    FOR EACH ROW WHEN ((old.abort_requested = false AND new.abort_requested = true AND new.status = 'doing'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue_abort_job_v1();

CREATE TRIGGER procrastinate_trigger_status_events_update_v1
    AFTER UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW
    EXECUTE PROCEDURE procrastinate_trigger_function_status_events_update_v1();

CREATE TRIGGER procrastinate_trigger_status_events_insert_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_function_status_events_insert_v1();

CREATE TRIGGER procrastinate_trigger_scheduled_events_v1
    AFTER UPDATE OR INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.scheduled_at IS NOT NULL AND new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_function_scheduled_events_v1();

CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1
    AFTER UPDATE OF abort_requested ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.abort_requested = true))
    EXECUTE PROCEDURE procrastinate_trigger_abort_requested_events_procedure_v1();

CREATE TRIGGER procrastinate_trigger_delete_jobs_v1
    BEFORE DELETE ON procrastinate_jobs
    FOR EACH ROW EXECUTE PROCEDURE procrastinate_unlink_periodic_defers_v1();
'''.replace('%', '%%')

WITHOUT_NOTIFY = r'''
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1;
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1;
'''.replace('%', '%%')


# Types for what is one of several; made first, as some are used by more than one table.
ACCOUNT_PURPOSE = postgresql.ENUM('own', 'pot', 'gateway', 'cash', 'bank', 'fees', 'costs', name='account_purpose', create_type=False)
ATTEMPT_STATE = postgresql.ENUM('planned', 'sent', 'succeeded', 'needs_action', 'declined', name='attempt_state', create_type=False)
CASE_STATE = postgresql.ENUM('reported', 'taken_up', 'decided', name='case_state', create_type=False)
COLLABORATION_CATEGORY = postgresql.ENUM('food', 'household', 'garden', 'energy', 'tools', 'clothing', 'children', 'books', 'services', 'other', name='collaboration_category', create_type=False)
CO_ORGANISER_STATE = postgresql.ENUM('asked', 'accepted', name='co_organiser_state', create_type=False)
COLLABORATION_STATE = postgresql.ENUM('draft', 'open', 'deciding', 'collecting', 'running', 'completed', 'failed', 'cancelled', name='collaboration_state', create_type=False)
COMMITMENT_STATE = postgresql.ENUM('active', 'waiting', 'withdrawn', 'in', 'out', 'dropped', 'fulfilled', name='commitment_state', create_type=False)
REPORT_GROUND = postgresql.ENUM('fraud', 'illegal', 'offensive', 'misleading', 'spam', 'other', name='report_ground', create_type=False)
HOLD_STATE = postgresql.ENUM('pending', 'posted', 'voided', name='hold_state', create_type=False)
PAYMENT_INSTRUMENT = postgresql.ENUM('saved_card', 'held_on_card', 'hand_to_hand', 'transfer', name='payment_instrument', create_type=False)
INVOICE_KIND = postgresql.ENUM('invoice', 'credit_note', name='invoice_kind', create_type=False)
INVOICE_LINE_KIND = postgresql.ENUM('goods', 'deposit', 'freight', 'shipping', 'share', 'reduction', name='invoice_line_kind', create_type=False)
COLLABORATION_KIND = postgresql.ENUM('group_buy', name='collaboration_kind', create_type=False)
LEGAL_KIND = postgresql.ENUM('imprint', 'privacy', 'terms', 'accessibility', name='legal_kind', create_type=False)
MAIL_STATE = postgresql.ENUM('waiting', 'sent', 'failed', 'bounced', name='mail_state', create_type=False)
CASE_MEASURE = postgresql.ENUM('nothing', 'hidden', 'paused', 'cancelled', name='case_measure', create_type=False)
MEMBERSHIP_ROLE = postgresql.ENUM('owner', 'manager', 'agent', name='membership_role', create_type=False)
NOTICE_KIND = postgresql.ENUM('joined', 'tipping', 'decided', 'payment', 'delivery', 'message', 'series', 'organising', 'moderation', 'account', name='notice_kind', create_type=False)
PARTICIPANT_KIND = postgresql.ENUM('person', 'organisation', 'guest', name='participant_kind', create_type=False)
PAYEE = postgresql.ENUM('supplier', 'organiser', name='payee', create_type=False)
PAYMENT_METHOD = postgresql.ENUM('card', 'at_pickup', name='payment_method', create_type=False)
PAYMENT_STATE = postgresql.ENUM('awaiting_card', 'ready', 'charging', 'needs_action', 'declined', 'at_pickup', 'confirmed_by_one', 'paid', 'failed', 'released', name='payment_state', create_type=False)
MAIL_PURPOSE = postgresql.ENUM('confirm_email', 'reset_password', 'change_email', name='mail_purpose', create_type=False)
RATIONING = postgresql.ENUM('first_come', 'pro_rata', name='rationing', create_type=False)
REFUND_STATE = postgresql.ENUM('wanted', 'sent', 'succeeded', 'failed', 'superseded', name='refund_state', create_type=False)
REVOCABILITY = postgresql.ENUM('right', 'perishable', 'to_specification', 'sealed', name='revocability', create_type=False)
SERIES_STATE = postgresql.ENUM('running', 'paused', 'ended', name='series_state', create_type=False)
SHARING = postgresql.ENUM('none', 'per_head', 'by_value', 'by_article', name='sharing', create_type=False)
SHORTFALL_RULE = postgresql.ENUM('confirm_above_floor', 'ask_supplier', 'release', name='shortfall_rule', create_type=False)
CASE_TARGET = postgresql.ENUM('collaboration', 'message', 'participant', name='case_target', create_type=False)
VERSION_STATE = postgresql.ENUM('reading', 'preview', 'faulty', 'current', 'replaced', name='version_state', create_type=False)
COLLABORATION_VISIBILITY = postgresql.ENUM('public', 'link', 'named', name='collaboration_visibility', create_type=False)
WITHDRAWAL_POLICY = postgresql.ENUM('free', 'free_until_last_day', 'not_if_it_untips', 'only_with_replacement', name='withdrawal_policy', create_type=False)
CHARGEBACK_STATE = postgresql.ENUM('inquiry', 'inquiry_answered', 'open', 'under_review', 'won', 'lost', 'closed', name='chargeback_state', create_type=False)
REMITTANCE_STATE = postgresql.ENUM('waiting', 'sent', 'done', 'void', name='remittance_state', create_type=False)
TAKING_BACK_STATE = postgresql.ENUM('wanted', 'sent', 'done', name='taking_back_state', create_type=False)
CHOICES = (
    ACCOUNT_PURPOSE, ATTEMPT_STATE, CASE_STATE, COLLABORATION_CATEGORY, CO_ORGANISER_STATE, COLLABORATION_STATE,
    COMMITMENT_STATE, REPORT_GROUND, HOLD_STATE, PAYMENT_INSTRUMENT, INVOICE_KIND, INVOICE_LINE_KIND, COLLABORATION_KIND, LEGAL_KIND,
    MAIL_STATE, CASE_MEASURE, MEMBERSHIP_ROLE, NOTICE_KIND, PARTICIPANT_KIND, PAYEE,
    PAYMENT_METHOD, PAYMENT_STATE, MAIL_PURPOSE, RATIONING, REFUND_STATE, REVOCABILITY,
    SERIES_STATE, SHARING, SHORTFALL_RULE, CASE_TARGET, VERSION_STATE, COLLABORATION_VISIBILITY,
    WITHDRAWAL_POLICY, CHARGEBACK_STATE, REMITTANCE_STATE, TAKING_BACK_STATE,
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.get_bind().exec_driver_sql(SEARCH)
    for choice in CHOICES:
        choice.create(op.get_bind())
    op.create_table('currencies',
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('exponent', sa.SmallInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.CheckConstraint('exponent BETWEEN 0 AND 6', name=op.f('ck_currencies_exponent_is_small')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_currencies'))
    )
    op.create_table('gateway_messages',
    sa.Column('event_key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('object_key', sa.Text(), nullable=False),
    sa.Column('account_key', sa.Text(), server_default='', nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_messages')),
    sa.UniqueConstraint('event_key', name=op.f('uq_gateway_messages_event_key'))
    )
    op.create_index('ix_gateway_messages_unhandled', 'gateway_messages', ['received_at'], unique=False, postgresql_where=sa.text('handled_at IS NULL'))
    op.create_table('ledger_checks',
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('findings', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_checks'))
    )
    op.create_table('pictures',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('alt', sa.Text(), nullable=False),
    sa.Column('uploaded_by_id', sa.BigInteger(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['participants.id'], name=op.f('fk_pictures_uploaded_by_id'), use_alter=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pictures')),
    sa.UniqueConstraint('key', name=op.f('uq_pictures_key'))
    )
    op.create_table('places',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('other_keys', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('latitude', sa.Float(), nullable=False),
    sa.Column('longitude', sa.Float(), nullable=False),
    sa.Column('population', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_places'))
    )
    op.create_index('ix_places_name_key', 'places', ['name_key'], unique=False, postgresql_ops={'name_key': 'text_pattern_ops'})
    op.create_index('ix_places_other_keys', 'places', ['other_keys'], unique=False, postgresql_using='gin')
    op.create_table('throttles',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('window_ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_throttles'))
    )
    op.create_index(op.f('ix_throttles_window_ends_at'), 'throttles', ['window_ends_at'], unique=False)
    op.create_table('ware_words',
    sa.Column('word', sa.Text(), nullable=False),
    sa.Column('spellings', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('word', name=op.f('pk_ware_words'))
    )
    op.create_index('ix_ware_words_spellings', 'ware_words', ['spellings'], unique=False, postgresql_using='gin')
    op.create_table('participants',
    sa.Column('kind', PARTICIPANT_KIND, nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('languages', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('skills', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('place_name', sa.Text(), nullable=False),
    sa.Column('latitude', sa.Float(), nullable=True),
    sa.Column('longitude', sa.Float(), nullable=True),
    sa.Column('is_trader', sa.Boolean(), nullable=False),
    sa.Column('trader_details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('billing_name', sa.Text(), server_default='', nullable=False),
    sa.Column('billing_address', sa.Text(), server_default='', nullable=False),
    sa.Column('kept_by_id', sa.BigInteger(), nullable=True),
    sa.Column('picture_id', sa.BigInteger(), nullable=True),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(kind = 'guest') = (kept_by_id IS NOT NULL)", name=op.f('ck_participants_guest_is_kept')),
    sa.CheckConstraint('(latitude IS NULL) = (longitude IS NULL)', name=op.f('ck_participants_place_is_whole')),
    sa.ForeignKeyConstraint(['kept_by_id'], ['participants.id'], name=op.f('fk_participants_kept_by_id')),
    sa.ForeignKeyConstraint(['picture_id'], ['pictures.id'], name=op.f('fk_participants_picture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participants')),
    sa.UniqueConstraint('slug', name=op.f('uq_participants_slug'))
    )
    op.create_index(op.f('ix_participants_kept_by_id'), 'participants', ['kept_by_id'], unique=False, postgresql_where=sa.text('kept_by_id IS NOT NULL'))
    op.create_index(op.f('ix_participants_name_key_id'), 'participants', ['name_key', 'id'], unique=False)
    op.create_index(op.f('ix_participants_picture_id'), 'participants', ['picture_id'], unique=False, postgresql_where=sa.text('picture_id IS NOT NULL'))
    op.create_index('ix_participants_point', 'participants', [sa.literal_column('point(longitude, latitude)')], unique=False, postgresql_using='gist')
    op.create_table('catalogues',
    sa.Column('owner_id', sa.BigInteger(), nullable=False),
    sa.Column('supplier_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('currency', sa.String(length=16), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['currency'], ['currencies.code'], name=op.f('fk_catalogues_currency')),
    sa.ForeignKeyConstraint(['owner_id'], ['participants.id'], name=op.f('fk_catalogues_owner_id')),
    sa.ForeignKeyConstraint(['supplier_id'], ['participants.id'], name=op.f('fk_catalogues_supplier_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogues'))
    )
    op.create_index(op.f('ix_catalogues_owner_id_id'), 'catalogues', ['owner_id', 'id'], unique=False)
    op.create_index(op.f('ix_catalogues_supplier_id'), 'catalogues', ['supplier_id'], unique=False)
    op.create_table('gateway_customers',
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_key', sa.Text(), nullable=False),
    sa.Column('payment_method_key', sa.Text(), nullable=False),
    sa.Column('card_brand', sa.Text(), nullable=False),
    sa.Column('card_last4', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_gateway_customers_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_customers')),
    sa.UniqueConstraint('customer_key', name=op.f('uq_gateway_customers_customer_key')),
    sa.UniqueConstraint('participant_id', name=op.f('uq_gateway_customers_participant_id'))
    )
    op.create_table('members',
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('email_key', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), nullable=False),
    sa.Column('theme', sa.Text(), nullable=False),
    sa.Column('large_print', sa.Boolean(), nullable=False),
    sa.Column('roles', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('terms_locale', sa.Text(), nullable=True),
    sa.Column('terms_number', sa.Integer(), nullable=True),
    sa.Column('terms_accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_members_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_members')),
    sa.UniqueConstraint('email_key', name=op.f('uq_members_email_key')),
    sa.UniqueConstraint('participant_id', name=op.f('uq_members_participant_id'))
    )
    op.create_table('api_tokens',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('acting_as_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('scopes', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['acting_as_id'], ['participants.id'], name=op.f('fk_api_tokens_acting_as_id')),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_api_tokens_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    op.create_index(op.f('ix_api_tokens_member_id'), 'api_tokens', ['member_id'], unique=False)
    op.create_table('catalogue_versions',
    sa.Column('catalogue_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', VERSION_STATE, nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('upload', sa.LargeBinary(), nullable=True),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('read_count', sa.Integer(), nullable=False),
    sa.Column('total_count', sa.Integer(), nullable=False),
    sa.Column('problems', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('left_out_count', sa.Integer(), nullable=False),
    sa.Column('noted_count', sa.Integer(), nullable=False),
    sa.Column('articles_count', sa.Integer(), nullable=False),
    sa.Column('carried_count', sa.Integer(), nullable=False),
    sa.Column('is_whole', sa.Boolean(), nullable=False),
    sa.Column('vat_reduced_basis_points', sa.Integer(), nullable=False),
    sa.Column('vat_standard_basis_points', sa.Integer(), nullable=False),
    sa.Column('uploaded_by_id', sa.BigInteger(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(state IN ('current', 'replaced')) = (confirmed_at IS NOT NULL)", name=op.f('ck_catalogue_versions_kept_when_confirmed')),
    sa.CheckConstraint('read_count <= total_count', name=op.f('ck_catalogue_versions_reads_no_more_than_there_is')),
    sa.CheckConstraint('vat_reduced_basis_points BETWEEN 0 AND 10000 AND vat_standard_basis_points BETWEEN 0 AND 10000', name=op.f('ck_catalogue_versions_vat_is_a_share')),
    sa.ForeignKeyConstraint(['catalogue_id'], ['catalogues.id'], name=op.f('fk_catalogue_versions_catalogue_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['members.id'], name=op.f('fk_catalogue_versions_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_versions')),
    sa.UniqueConstraint('catalogue_id', 'number', name=op.f('uq_catalogue_versions_catalogue_id_number'))
    )
    op.create_index('uq_catalogue_versions_one_current', 'catalogue_versions', ['catalogue_id'], unique=True, postgresql_where=sa.text("state = 'current'"))
    op.create_index('uq_catalogue_versions_one_waiting', 'catalogue_versions', ['catalogue_id'], unique=True, postgresql_where=sa.text("state IN ('reading', 'preview')"))
    op.create_table('collaborations',
    sa.Column('kind', COLLABORATION_KIND, nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('state', COLLABORATION_STATE, nullable=False),
    sa.Column('stage', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('category', COLLABORATION_CATEGORY, nullable=False),
    sa.Column('visibility', COLLABORATION_VISIBILITY, nullable=False),
    sa.Column('link_key', sa.Text(), nullable=False),
    sa.Column('organiser_id', sa.BigInteger(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=16), nullable=False),
    sa.Column('place_name', sa.Text(), nullable=False),
    sa.Column('latitude', sa.Float(), nullable=True),
    sa.Column('longitude', sa.Float(), nullable=True),
    sa.Column('time_zone', sa.Text(), nullable=False),
    sa.Column('picture_id', sa.BigInteger(), nullable=True),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('extends_to_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('extended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_paused', sa.Boolean(), nullable=False),
    sa.Column('is_tipped', sa.Boolean(), nullable=False),
    sa.Column('progress_basis_points', sa.Integer(), nullable=False),
    sa.Column('commitments_count', sa.Integer(), nullable=False),
    sa.Column('last_place', sa.Integer(), nullable=False),
    sa.Column('terms_number', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('wares', sa.Text(), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("allmende_search(lang, title, summary || ' ' || description, wares)", persisted=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(state IN ('draft', 'open')) OR (decided_at IS NOT NULL)", name=op.f('ck_collaborations_decided_has_a_time')),
    sa.CheckConstraint('(latitude IS NULL) = (longitude IS NULL)', name=op.f('ck_collaborations_place_is_whole')),
    sa.CheckConstraint('opens_at < closes_at', name=op.f('ck_collaborations_opens_before_it_closes')),
    sa.ForeignKeyConstraint(['currency'], ['currencies.code'], name=op.f('fk_collaborations_currency')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_collaborations_made_by_id')),
    sa.ForeignKeyConstraint(['organiser_id'], ['participants.id'], name=op.f('fk_collaborations_organiser_id')),
    sa.ForeignKeyConstraint(['picture_id'], ['pictures.id'], name=op.f('fk_collaborations_picture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collaborations')),
    sa.UniqueConstraint('slug', name=op.f('uq_collaborations_slug'))
    )
    op.create_index('ix_collaborations_category', 'collaborations', ['category', 'id'], unique=False, postgresql_where=sa.text("state = 'open' AND visibility = 'public'"))
    op.create_index('ix_collaborations_closing', 'collaborations', ['closes_at', 'id'], unique=False, postgresql_where=sa.text("state = 'open' AND visibility = 'public'"))
    op.create_index('ix_collaborations_decided_newest', 'collaborations', ['opens_at', 'id'], unique=False, postgresql_where=sa.text("state IN ('deciding', 'collecting', 'running') AND visibility = 'public'"))
    op.create_index('ix_collaborations_decided_point', 'collaborations', [sa.literal_column('point(longitude, latitude)')], unique=False, postgresql_using='gist', postgresql_where=sa.text("state IN ('deciding', 'collecting', 'running') AND visibility = 'public'"))
    op.create_index('ix_collaborations_over_newest', 'collaborations', ['opens_at', 'id'], unique=False, postgresql_where=sa.text("state IN ('completed', 'failed') AND visibility = 'public'"))
    op.create_index('ix_collaborations_over_point', 'collaborations', [sa.literal_column('point(longitude, latitude)')], unique=False, postgresql_using='gist', postgresql_where=sa.text("state IN ('completed', 'failed') AND visibility = 'public'"))
    op.create_index('ix_collaborations_nearly', 'collaborations', ['progress_basis_points', 'id'], unique=False, postgresql_where=sa.text("state = 'open' AND visibility = 'public'"))
    op.create_index('ix_collaborations_newest', 'collaborations', ['opens_at', 'id'], unique=False, postgresql_where=sa.text("state = 'open' AND visibility = 'public'"))
    op.create_index(op.f('ix_collaborations_organiser_id_id'), 'collaborations', ['organiser_id', 'id'], unique=False)
    op.create_index(op.f('ix_collaborations_picture_id'), 'collaborations', ['picture_id'], unique=False, postgresql_where=sa.text('picture_id IS NOT NULL'))
    op.create_index('ix_collaborations_point', 'collaborations', [sa.literal_column('point(longitude, latitude)')], unique=False, postgresql_using='gist', postgresql_where=sa.text("state = 'open' AND visibility = 'public'"))
    op.create_index('ix_collaborations_search', 'collaborations', ['search'], unique=False, postgresql_using='gin')
    op.create_index(op.f('ix_collaborations_state_closes_at'), 'collaborations', ['state', 'closes_at'], unique=False)
    op.create_table('idempotency_records',
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('route', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('request_hash', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('answer', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_idempotency_records_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotency_records')),
    sa.UniqueConstraint('member_id', 'route', 'key', name=op.f('uq_idempotency_records_member_id_route_key'))
    )
    op.create_index(op.f('ix_idempotency_records_made_at'), 'idempotency_records', ['made_at'], unique=False)
    op.create_table('invitations',
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('role', MEMBERSHIP_ROLE, nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('invited_by_id', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['invited_by_id'], ['members.id'], name=op.f('fk_invitations_invited_by_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['participants.id'], name=op.f('fk_invitations_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitations_token_hash'))
    )
    op.create_index(op.f('ix_invitations_organisation_id'), 'invitations', ['organisation_id'], unique=False)
    op.create_table('legal_texts',
    sa.Column('kind', LEGAL_KIND, nullable=False),
    sa.Column('locale', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by_id', sa.BigInteger(), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['published_by_id'], ['members.id'], name=op.f('fk_legal_texts_published_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_texts')),
    sa.UniqueConstraint('kind', 'locale', 'number', name=op.f('uq_legal_texts_kind_locale_number'))
    )
    op.create_table('mail_tokens',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('purpose', MAIL_PURPOSE, nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_mail_tokens_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_mail_tokens_token_hash'))
    )
    op.create_index(op.f('ix_mail_tokens_member_id_purpose'), 'mail_tokens', ['member_id', 'purpose'], unique=False)
    op.create_table('mails',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=True),
    sa.Column('to_address', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', MAIL_STATE, nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state = 'bounced' OR (state = 'sent') = (sent_at IS NOT NULL)", name=op.f('ck_mails_sent_has_a_time')),
    sa.CheckConstraint('tries >= 0', name=op.f('ck_mails_tries_are_positive')),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_mails_member_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mails')),
    sa.UniqueConstraint('key', name=op.f('uq_mails_key'))
    )
    op.create_index('ix_mails_address', 'mails', [sa.literal_column('lower(to_address)')], unique=False)
    op.create_index('ix_mails_bounced', 'mails', ['to_address'], unique=False, postgresql_where=sa.text("state = 'bounced'"))
    op.create_index(op.f('ix_mails_member_id_id'), 'mails', ['member_id', 'id'], unique=False)
    op.create_index(op.f('ix_mails_state_id'), 'mails', ['state', 'id'], unique=False)
    op.create_table('member_sessions',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('acting_as_id', sa.BigInteger(), nullable=True),
    sa.Column('user_agent', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['acting_as_id'], ['participants.id'], name=op.f('fk_member_sessions_acting_as_id')),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_member_sessions_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_member_sessions_token_hash'))
    )
    op.create_index(op.f('ix_member_sessions_expires_at'), 'member_sessions', ['expires_at'], unique=False)
    op.create_index(op.f('ix_member_sessions_member_id'), 'member_sessions', ['member_id'], unique=False)
    op.create_table('memberships',
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('role', MEMBERSHIP_ROLE, nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_memberships_member_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organisation_id'], ['participants.id'], name=op.f('fk_memberships_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_memberships')),
    sa.UniqueConstraint('organisation_id', 'member_id', name=op.f('uq_memberships_organisation_id_member_id'))
    )
    op.create_index(op.f('ix_memberships_member_id'), 'memberships', ['member_id'], unique=False)
    op.create_table('preferences',
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', NOTICE_KIND, nullable=False),
    sa.Column('on_page', sa.Boolean(), nullable=False),
    sa.Column('by_mail', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_preferences_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('member_id', 'kind', name=op.f('pk_preferences'))
    )
    op.create_table('series',
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', SERIES_STATE, nullable=False),
    sa.Column('every_weeks', sa.Integer(), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=True),
    sa.Column('opens_by_itself', sa.Boolean(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_step', sa.Integer(), nullable=False),
    sa.Column('next_opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('held_up', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(due_at IS NOT NULL) = (state = 'running' AND held_up IS NULL)", name=op.f('ck_series_due_if_it_runs')),
    sa.CheckConstraint('every_weeks IN (1, 2, 4)', name=op.f('ck_series_rhythm')),
    sa.CheckConstraint('next_step >= 1', name=op.f('ck_series_next_comes_after_the_first')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_series_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series')),
    sa.UniqueConstraint('slug', name=op.f('uq_series_slug'))
    )
    op.create_index(op.f('ix_series_due_at'), 'series', ['due_at'], unique=False)
    op.create_table('accounts',
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('collaboration_id', sa.BigInteger(), nullable=True),
    sa.Column('purpose', ACCOUNT_PURPOSE, nullable=False),
    sa.Column('currency', sa.String(length=16), nullable=False),
    sa.Column('balance_minor', sa.BigInteger(), nullable=False),
    sa.Column('held_minor', sa.BigInteger(), nullable=False),
    sa.Column('floor_minor', sa.BigInteger(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(purpose = 'own') = (owner_id IS NOT NULL)", name=op.f('ck_accounts_own_has_an_owner')),
    sa.CheckConstraint('floor_minor IS NULL OR balance_minor - held_minor >= floor_minor', name=op.f('ck_accounts_not_below_floor')),
    sa.CheckConstraint('held_minor >= 0', name=op.f('ck_accounts_holds_are_not_negative')),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_accounts_collaboration_id')),
    sa.ForeignKeyConstraint(['currency'], ['currencies.code'], name=op.f('fk_accounts_currency')),
    sa.ForeignKeyConstraint(['owner_id'], ['participants.id'], name=op.f('fk_accounts_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('id', 'currency', name=op.f('uq_accounts_id_currency')),
    sa.UniqueConstraint('owner_id', 'collaboration_id', 'purpose', 'currency', name=op.f('uq_accounts_owner_id_collaboration_id_purpose_currency'), postgresql_nulls_not_distinct=True)
    )
    op.create_index(op.f('ix_accounts_collaboration_id'), 'accounts', ['collaboration_id'], unique=False)
    op.create_table('bank_accounts',
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('iban', sa.Text(), nullable=False),
    sa.Column('bic', sa.Text(), nullable=False),
    sa.Column('due_days', sa.Integer(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('due_days BETWEEN 1 AND 60', name=op.f('ck_bank_accounts_due_days_are_few')),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_bank_accounts_collaboration_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_bank_accounts_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_accounts'))
    )
    op.create_index(op.f('ix_bank_accounts_collaboration_id'), 'bank_accounts', ['collaboration_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('cases',
    sa.Column('target', CASE_TARGET, nullable=False),
    sa.Column('target_id', sa.BigInteger(), nullable=False),
    sa.Column('collaboration_id', sa.BigInteger(), nullable=True),
    sa.Column('author_id', sa.BigInteger(), nullable=True),
    sa.Column('state', CASE_STATE, nullable=False),
    sa.Column('ground', REPORT_GROUND, nullable=False),
    sa.Column('snapshot', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('taken_up_by_id', sa.BigInteger(), nullable=True),
    sa.Column('measure', CASE_MEASURE, nullable=True),
    sa.Column('decision_reason', sa.Text(), nullable=False),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_up_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.Column('lift_reason', sa.Text(), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_by_id', sa.BigInteger(), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(lifted_at IS NOT NULL) = (lift_reason <> '') AND (lifted_at IS NULL OR (measure IS NOT NULL AND measure = 'paused'))", name=op.f('ck_cases_lifted_with_reason')),
    sa.CheckConstraint("(state = 'decided') = (measure IS NOT NULL AND decision_reason <> '')", name=op.f('ck_cases_decided_with_reason')),
    sa.ForeignKeyConstraint(['author_id'], ['participants.id'], name=op.f('fk_cases_author_id')),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_cases_collaboration_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['members.id'], name=op.f('fk_cases_decided_by_id')),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['members.id'], name=op.f('fk_cases_lifted_by_id')),
    sa.ForeignKeyConstraint(['taken_up_by_id'], ['members.id'], name=op.f('fk_cases_taken_up_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases'))
    )
    op.create_index(op.f('ix_cases_state_id'), 'cases', ['state', 'id'], unique=False)
    op.create_index('uq_cases_one_open', 'cases', ['target', 'target_id'], unique=True, postgresql_where=sa.text("state <> 'decided'"))
    op.create_table('case_pictures',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('picture_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_pictures_case_id')),
    sa.ForeignKeyConstraint(['picture_id'], ['pictures.id'], name=op.f('fk_case_pictures_picture_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('case_id', 'picture_id', name=op.f('pk_case_pictures'))
    )
    op.create_index(op.f('ix_case_pictures_picture_id'), 'case_pictures', ['picture_id'], unique=False)
    op.create_table('catalogue_articles',
    sa.Column('version_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('second_line', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('case_size', sa.Integer(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('net_price_minor', sa.Numeric(precision=14, scale=2), nullable=True),
    sa.Column('more_tiers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('vat_basis_points', sa.Integer(), nullable=False),
    sa.Column('deposit_minor', sa.BigInteger(), nullable=False),
    sa.Column('recommended_minor', sa.BigInteger(), nullable=True),
    sa.Column('minimum_units', sa.Integer(), nullable=False),
    sa.Column('maximum_units', sa.Integer(), nullable=True),
    sa.Column('special_from', sa.Date(), nullable=True),
    sa.Column('special_until', sa.Date(), nullable=True),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('quality', sa.Text(), nullable=False),
    sa.Column('maker', sa.Text(), nullable=False),
    sa.Column('control_body', sa.Text(), nullable=False),
    sa.Column('food_information', sa.Text(), nullable=False),
    sa.Column('ean', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('is_available', sa.Boolean(), nullable=False),
    sa.Column('is_deposit', sa.Boolean(), nullable=False),
    sa.Column('overweight_basis_points', sa.Integer(), nullable=True),
    sa.Column('base_unit', sa.Text(), nullable=False),
    sa.Column('base_units_thousandths', sa.Integer(), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("overweight_basis_points IS NULL OR (overweight_basis_points BETWEEN 0 AND 5000 AND base_unit = 'kg' AND base_units_thousandths IS NOT NULL AND base_units_thousandths > 0)", name=op.f('ck_catalogue_articles_weight_is_whole')),
    sa.CheckConstraint('case_size >= 1', name=op.f('ck_catalogue_articles_case_is_positive')),
    sa.CheckConstraint('maximum_units IS NULL OR maximum_units >= minimum_units', name=op.f('ck_catalogue_articles_minimum_is_possible')),
    sa.CheckConstraint('minimum_units >= 1', name=op.f('ck_catalogue_articles_minimum_is_positive')),
    sa.CheckConstraint('price_minor >= 0 AND deposit_minor >= 0', name=op.f('ck_catalogue_articles_amounts_are_positive')),
    sa.CheckConstraint('vat_basis_points BETWEEN 0 AND 10000', name=op.f('ck_catalogue_articles_vat_is_a_share')),
    sa.ForeignKeyConstraint(['version_id'], ['catalogue_versions.id'], name=op.f('fk_catalogue_articles_version_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_articles')),
    sa.UniqueConstraint('version_id', 'order_number', name=op.f('uq_catalogue_articles_version_id_order_number'))
    )
    op.create_index(op.f('ix_catalogue_articles_version_id_category_position'), 'catalogue_articles', ['version_id', 'category', 'position'], unique=False)
    op.create_index(op.f('ix_catalogue_articles_version_id_position'), 'catalogue_articles', ['version_id', 'position'], unique=False)
    op.create_table('clearings',
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('proof', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_clearings_collaboration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clearings')),
    sa.UniqueConstraint('collaboration_id', 'number', name=op.f('uq_clearings_collaboration_id_number'))
    )
    op.create_table('co_organisers',
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('state', CO_ORGANISER_STATE, nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_co_organisers_collaboration_id')),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_co_organisers_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('collaboration_id', 'member_id', name=op.f('pk_co_organisers'))
    )
    op.create_index(op.f('ix_co_organisers_member_id'), 'co_organisers', ['member_id'], unique=False)
    op.create_table('followers',
    sa.Column('series_id', sa.BigInteger(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_followers_member_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_followers_series_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('series_id', 'member_id', name=op.f('pk_followers'))
    )
    op.create_index(op.f('ix_followers_member_id'), 'followers', ['member_id'], unique=False)
    op.create_table('group_buys',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('supplier_id', sa.BigInteger(), nullable=True),
    sa.Column('supplier_name', sa.Text(), nullable=False),
    sa.Column('supplier_email', sa.Text(), nullable=False),
    sa.Column('catalogue_version_id', sa.BigInteger(), nullable=True),
    sa.Column('rationing', RATIONING, nullable=False),
    sa.Column('withdrawal_policy', WITHDRAWAL_POLICY, nullable=False),
    sa.Column('payee', PAYEE, nullable=False),
    sa.Column('shortfall_rule', SHORTFALL_RULE, nullable=False),
    sa.Column('floor_basis_points', sa.Integer(), nullable=False),
    sa.Column('smallest_order_minor', sa.BigInteger(), nullable=False),
    sa.Column('collecting_days', sa.Integer(), nullable=False),
    sa.Column('by_card', sa.Boolean(), nullable=False),
    sa.Column('at_pickup', sa.Boolean(), nullable=False),
    sa.Column('takes_transfers', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('sold_by_trader', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('fee_basis_points', sa.Integer(), server_default='0', nullable=False),
    sa.Column('reserve_basis_points', sa.Integer(), server_default='0', nullable=False),
    sa.Column('reserve_days', sa.Integer(), server_default='0', nullable=False),
    sa.Column('freight_rule', SHARING, nullable=False),
    sa.Column('freight_minor', sa.BigInteger(), nullable=False),
    sa.Column('freight_ceiling_minor', sa.BigInteger(), nullable=False),
    sa.Column('share_rule', SHARING, nullable=False),
    sa.Column('share_minor', sa.BigInteger(), nullable=False),
    sa.Column('share_ceiling_minor', sa.BigInteger(), nullable=False),
    sa.Column('ships', sa.Boolean(), nullable=False),
    sa.Column('shipping_ceiling_minor', sa.BigInteger(), nullable=False),
    sa.Column('articles_count', sa.Integer(), nullable=False),
    sa.Column('price_now_minor', sa.BigInteger(), nullable=True),
    sa.Column('price_next_minor', sa.BigInteger(), nullable=True),
    sa.Column('missing_units', sa.Integer(), nullable=True),
    sa.Column('standing_value_minor', sa.BigInteger(), nullable=False),
    sa.Column('standing_articles', sa.Integer(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('weighed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('collect_until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('series_id', sa.BigInteger(), nullable=True),
    sa.Column('round_number', sa.Integer(), nullable=True),
    sa.Column('round_opens_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(series_id IS NULL) = (round_number IS NULL) AND (series_id IS NULL) = (round_opens_at IS NULL)', name=op.f('ck_group_buys_round_is_whole')),
    sa.CheckConstraint('by_card OR at_pickup', name=op.f('ck_group_buys_can_be_paid')),
    sa.CheckConstraint('fee_basis_points BETWEEN 0 AND 5000 AND reserve_basis_points BETWEEN 0 AND 10000 AND reserve_days BETWEEN 0 AND 180', name=op.f('ck_group_buys_payout_terms_are_bounded')),
    sa.CheckConstraint('collecting_days BETWEEN 0 AND 7', name=op.f('ck_group_buys_collecting_window')),
    sa.CheckConstraint('floor_basis_points BETWEEN 0 AND 10000', name=op.f('ck_group_buys_floor_is_a_share')),
    sa.CheckConstraint('freight_minor >= 0 AND freight_ceiling_minor >= 0 AND share_minor >= 0 AND share_ceiling_minor >= 0', name=op.f('ck_group_buys_costs_are_positive')),
    sa.CheckConstraint('smallest_order_minor >= 0', name=op.f('ck_group_buys_smallest_order_is_positive')),
    sa.ForeignKeyConstraint(['catalogue_version_id'], ['catalogue_versions.id'], name=op.f('fk_group_buys_catalogue_version_id')),
    sa.ForeignKeyConstraint(['id'], ['collaborations.id'], name=op.f('fk_group_buys_id')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_group_buys_series_id')),
    sa.ForeignKeyConstraint(['supplier_id'], ['participants.id'], name=op.f('fk_group_buys_supplier_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_buys')),
    sa.UniqueConstraint('series_id', 'round_number', name=op.f('uq_group_buys_series_id_round_number')),
    sa.UniqueConstraint('series_id', 'round_opens_at', name=op.f('uq_group_buys_series_id_round_opens_at'))
    )
    op.create_index(op.f('ix_group_buys_catalogue_version_id'), 'group_buys', ['catalogue_version_id'], unique=False)
    op.create_index(op.f('ix_group_buys_supplier_id'), 'group_buys', ['supplier_id'], unique=False)
    op.create_table('messages',
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('answers_id', sa.BigInteger(), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('is_by_organiser', sa.Boolean(), nullable=False),
    sa.Column('for_committed', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('length(body) BETWEEN 1 AND 5000', name=op.f('ck_messages_body_has_a_length')),
    sa.ForeignKeyConstraint(['answers_id'], ['messages.id'], name=op.f('fk_messages_answers_id')),
    sa.ForeignKeyConstraint(['author_id'], ['participants.id'], name=op.f('fk_messages_author_id')),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_messages_collaboration_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_messages_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    op.create_index(op.f('ix_messages_answers_id_id'), 'messages', ['answers_id', 'id'], unique=False)
    op.create_index(op.f('ix_messages_collaboration_id_id'), 'messages', ['collaboration_id', 'id'], unique=False)
    op.create_index(op.f('ix_messages_made_by_id_made_at'), 'messages', ['made_by_id', 'made_at'], unique=False)
    op.create_table('named_guests',
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_named_guests_collaboration_id')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_named_guests_participant_id')),
    sa.PrimaryKeyConstraint('collaboration_id', 'participant_id', name=op.f('pk_named_guests'))
    )
    op.create_index(op.f('ix_named_guests_participant_id'), 'named_guests', ['participant_id'], unique=False)
    op.create_table('terms',
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_terms_collaboration_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_terms_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_terms'))
    )
    op.create_index(op.f('ix_terms_collaboration_id_number'), 'terms', ['collaboration_id', 'number'], unique=True)
    op.create_table('transfers',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('collaboration_id', sa.BigInteger(), nullable=True),
    sa.Column('reverses_id', sa.BigInteger(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_transfers_collaboration_id')),
    sa.ForeignKeyConstraint(['reverses_id'], ['transfers.id'], name=op.f('fk_transfers_reverses_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfers')),
    sa.UniqueConstraint('key', name=op.f('uq_transfers_key')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_transfers_reverses_id'))
    )
    op.create_index(op.f('ix_transfers_collaboration_id_id'), 'transfers', ['collaboration_id', 'id'], unique=False)
    op.create_table('articles',
    sa.Column('group_buy_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('second_line', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('minimum_units', sa.Integer(), nullable=False),
    sa.Column('maximum_units', sa.Integer(), nullable=True),
    sa.Column('case_size', sa.Integer(), nullable=False),
    sa.Column('vat_basis_points', sa.Integer(), nullable=False),
    sa.Column('deposit_minor', sa.BigInteger(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('quality', sa.Text(), nullable=False),
    sa.Column('maker', sa.Text(), nullable=False),
    sa.Column('food_information', sa.Text(), nullable=False),
    sa.Column('ean', sa.Text(), nullable=False),
    sa.Column('revocability', REVOCABILITY, nullable=False),
    sa.Column('picture_id', sa.BigInteger(), nullable=True),
    sa.Column('catalogue_article_id', sa.BigInteger(), nullable=True),
    sa.Column('same_as_id', sa.BigInteger(), nullable=True),
    sa.Column('is_capped', sa.Boolean(), nullable=False),
    sa.Column('active_units', sa.Integer(), nullable=False),
    sa.Column('demand_units', sa.ARRAY(sa.Integer()), nullable=False),
    sa.Column('tolerance_units', sa.ARRAY(sa.Integer()), nullable=False),
    sa.Column('standing_units', sa.Integer(), nullable=False),
    sa.Column('standing_tier', sa.Integer(), nullable=True),
    sa.Column('decided_units', sa.Integer(), nullable=True),
    sa.Column('decided_price_minor', sa.BigInteger(), nullable=True),
    sa.Column('delivered_units', sa.Integer(), nullable=True),
    sa.Column('overweight_basis_points', sa.Integer(), nullable=True),
    sa.Column('base_unit', sa.Text(), nullable=False),
    sa.Column('base_units_thousandths', sa.Integer(), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("overweight_basis_points IS NULL OR (overweight_basis_points BETWEEN 0 AND 5000 AND base_unit = 'kg' AND base_units_thousandths IS NOT NULL AND base_units_thousandths > 0)", name=op.f('ck_articles_weight_is_whole')),
    sa.CheckConstraint('active_units >= 0 AND 0 <= ALL (demand_units) AND 0 <= ALL (tolerance_units)', name=op.f('ck_articles_sums_are_positive')),
    sa.CheckConstraint('cardinality(demand_units) = cardinality(tolerance_units)', name=op.f('ck_articles_sums_are_of_same_tiers')),
    sa.CheckConstraint('case_size >= 1', name=op.f('ck_articles_case_is_positive')),
    sa.CheckConstraint('deposit_minor >= 0', name=op.f('ck_articles_deposit_is_positive')),
    sa.CheckConstraint('maximum_units IS NULL OR NOT is_capped OR active_units <= maximum_units', name=op.f('ck_articles_never_oversold')),
    sa.CheckConstraint('maximum_units IS NULL OR maximum_units >= minimum_units', name=op.f('ck_articles_minimum_is_possible')),
    sa.CheckConstraint('minimum_units >= 1', name=op.f('ck_articles_minimum_is_positive')),
    sa.CheckConstraint('vat_basis_points BETWEEN 0 AND 10000', name=op.f('ck_articles_vat_is_a_share')),
    sa.ForeignKeyConstraint(['catalogue_article_id'], ['catalogue_articles.id'], name=op.f('fk_articles_catalogue_article_id')),
    sa.ForeignKeyConstraint(['group_buy_id'], ['group_buys.id'], name=op.f('fk_articles_group_buy_id')),
    sa.ForeignKeyConstraint(['picture_id'], ['pictures.id'], name=op.f('fk_articles_picture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles')),
    sa.UniqueConstraint('group_buy_id', 'position', name=op.f('uq_articles_group_buy_id_position'))
    )
    op.create_index(op.f('ix_articles_catalogue_article_id'), 'articles', ['catalogue_article_id'], unique=False)
    op.create_index(op.f('ix_articles_picture_id'), 'articles', ['picture_id'], unique=False, postgresql_where=sa.text('picture_id IS NOT NULL'))
    op.create_index(op.f('ix_articles_group_buy_id_category_position'), 'articles', ['group_buy_id', 'category', 'position'], unique=False)
    op.create_table('baskets',
    sa.Column('group_buy_id', sa.BigInteger(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['group_buy_id'], ['group_buys.id'], name=op.f('fk_baskets_group_buy_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_baskets_participant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('group_buy_id', 'participant_id', name=op.f('pk_baskets'))
    )
    op.create_index(op.f('ix_baskets_participant_id'), 'baskets', ['participant_id'], unique=False)
    op.create_table('commitments',
    sa.Column('kind', COLLABORATION_KIND, nullable=False),
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('terms_number', sa.Integer(), nullable=False),
    sa.Column('state', COMMITMENT_STATE, nullable=False),
    sa.Column('out_reason', sa.Text(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('worst_case_minor', sa.BigInteger(), nullable=False),
    sa.Column('due_minor', sa.BigInteger(), nullable=False),
    sa.Column('invoiced_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(state IN ('out', 'dropped')) = (out_reason <> '')", name=op.f('ck_commitments_out_has_why')),
    sa.CheckConstraint('worst_case_minor >= 0 AND due_minor >= 0 AND invoiced_minor >= 0', name=op.f('ck_commitments_amounts_are_positive')),
    sa.ForeignKeyConstraint(['collaboration_id', 'terms_number'], ['terms.collaboration_id', 'terms.number'], name=op.f('fk_commitments_collaboration_id_terms_number')),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_commitments_collaboration_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_commitments_made_by_id')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_commitments_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commitments'))
    )
    op.create_index(op.f('ix_commitments_collaboration_id_state_id'), 'commitments', ['collaboration_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_commitments_participant_id_id'), 'commitments', ['participant_id', 'id'], unique=False)
    op.create_index('ix_commitments_to_document', 'commitments', ['collaboration_id', 'id'], unique=False, postgresql_where=sa.text('due_minor <> invoiced_minor'))
    op.create_index('uq_commitments_one_active', 'commitments', ['collaboration_id', 'participant_id'], unique=True, postgresql_where=sa.text("state NOT IN ('withdrawn', 'dropped', 'out')"))
    op.create_table('entries',
    sa.Column('transfer_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=16), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_entries_amount_is_not_zero')),
    sa.ForeignKeyConstraint(['account_id', 'currency'], ['accounts.id', 'accounts.currency'], name=op.f('fk_entries_account_id_currency')),
    sa.ForeignKeyConstraint(['transfer_id'], ['transfers.id'], name=op.f('fk_entries_transfer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entries'))
    )
    op.create_index(op.f('ix_entries_account_id_id'), 'entries', ['account_id', 'id'], unique=False)
    op.create_index(op.f('ix_entries_transfer_id'), 'entries', ['transfer_id'], unique=False)
    op.create_table('holds',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('state', HOLD_STATE, nullable=False),
    sa.Column('transfer_id', sa.BigInteger(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(state = 'posted') = (transfer_id IS NOT NULL)", name=op.f('ck_holds_posted_by_transfer')),
    sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_holds_amount_is_not_negative')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_holds_account_id')),
    sa.ForeignKeyConstraint(['transfer_id'], ['transfers.id'], name=op.f('fk_holds_transfer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holds')),
    sa.UniqueConstraint('key', name=op.f('uq_holds_key'))
    )
    op.create_index(op.f('ix_holds_account_id_state'), 'holds', ['account_id', 'state'], unique=False)
    op.create_table('pickup_points',
    sa.Column('group_buy_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('from_at < until_at', name=op.f('ck_pickup_points_from_before_until')),
    sa.ForeignKeyConstraint(['group_buy_id'], ['group_buys.id'], name=op.f('fk_pickup_points_group_buy_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pickup_points'))
    )
    op.create_index(op.f('ix_pickup_points_group_buy_id'), 'pickup_points', ['group_buy_id'], unique=False)
    op.create_table('reports',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('reporter_id', sa.BigInteger(), nullable=True),
    sa.Column('reporter_name', sa.Text(), nullable=False),
    sa.Column('reporter_email', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), nullable=False),
    sa.Column('ground', REPORT_GROUND, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(reporter_id IS NULL) = (reporter_email <> '')", name=op.f('ck_reports_reporter_is_known')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_reports_case_id')),
    sa.ForeignKeyConstraint(['reporter_id'], ['participants.id'], name=op.f('fk_reports_reporter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reports'))
    )
    op.create_index(op.f('ix_reports_case_id_reporter_id'), 'reports', ['case_id', 'reporter_id'], unique=True)
    op.create_index('uq_reports_one_a_stranger', 'reports', ['case_id', 'reporter_email'], unique=True, postgresql_where=sa.text('reporter_id IS NULL'))
    op.create_table('events',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=True),
    sa.Column('participant_id', sa.BigInteger(), nullable=True),
    sa.Column('collaboration_id', sa.BigInteger(), nullable=True),
    sa.Column('commitment_id', sa.BigInteger(), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_events_collaboration_id')),
    sa.ForeignKeyConstraint(['commitment_id'], ['commitments.id'], name=op.f('fk_events_commitment_id')),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_events_member_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_events_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )
    op.create_index(op.f('ix_events_collaboration_id_id'), 'events', ['collaboration_id', 'id'], unique=False)
    op.create_index(op.f('ix_events_participant_id_id'), 'events', ['participant_id', 'id'], unique=False)
    op.create_table('group_buy_commitments',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('payment_method', PAYMENT_METHOD, nullable=False),
    sa.Column('pickup_point_id', sa.BigInteger(), nullable=True),
    sa.Column('shipping_address', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('freight_minor', sa.BigInteger(), nullable=False),
    sa.Column('share_minor', sa.BigInteger(), nullable=False),
    sa.Column('packed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handed_over_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('usual_since_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['id'], ['commitments.id'], name=op.f('fk_group_buy_commitments_id')),
    sa.ForeignKeyConstraint(['pickup_point_id'], ['pickup_points.id'], name=op.f('fk_group_buy_commitments_pickup_point_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_buy_commitments'))
    )
    op.create_index(op.f('ix_group_buy_commitments_pickup_point_id'), 'group_buy_commitments', ['pickup_point_id'], unique=False, postgresql_where=sa.text('pickup_point_id IS NOT NULL'))
    op.create_table('payments',
    sa.Column('commitment_id', sa.BigInteger(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('state', PAYMENT_STATE, nullable=False),
    sa.Column('instrument', PAYMENT_INSTRUMENT, nullable=False),
    sa.Column('currency', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('refunded_minor', sa.BigInteger(), nullable=False),
    sa.Column('checkout_key', sa.Text(), nullable=False),
    sa.Column('checkouts_count', sa.Integer(), server_default='0', nullable=False),
    sa.Column('intent_key', sa.Text(), nullable=False),
    sa.Column('payment_method_key', sa.Text(), nullable=False),
    sa.Column('card_brand', sa.Text(), server_default='', nullable=False),
    sa.Column('card_last4', sa.Text(), server_default='', nullable=False),
    sa.Column('consent', sa.Text(), nullable=False),
    sa.Column('capture_before_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts_count', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decline_code', sa.Text(), nullable=False),
    sa.Column('confirmed_by_payer_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by_payee_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('denials_count', sa.Integer(), server_default='0', nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_payments_amount_is_positive')),
    sa.CheckConstraint('refunded_minor >= 0 AND refunded_minor <= amount_minor', name=op.f('ck_payments_refund_is_bounded')),
    sa.ForeignKeyConstraint(['commitment_id'], ['commitments.id'], name=op.f('fk_payments_commitment_id')),
    sa.ForeignKeyConstraint(['currency'], ['currencies.code'], name=op.f('fk_payments_currency')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_payments_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments')),
    sa.UniqueConstraint('commitment_id', name=op.f('uq_payments_commitment_id'))
    )
    op.create_index(op.f('ix_payments_capture_before_at'), 'payments', ['capture_before_at'], unique=False, postgresql_where=sa.text('capture_before_at IS NOT NULL'))
    op.create_index(op.f('ix_payments_checkout_key'), 'payments', ['checkout_key'], unique=False)
    op.create_index(op.f('ix_payments_intent_key'), 'payments', ['intent_key'], unique=True, postgresql_where=sa.text("intent_key <> ''"))
    op.create_index(op.f('ix_payments_participant_id'), 'payments', ['participant_id'], unique=False)
    op.create_index(op.f('ix_payments_state_next_try_at'), 'payments', ['state', 'next_try_at'], unique=False)
    op.create_table('price_tiers',
    sa.Column('article_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('from_units', sa.Integer(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('from_units >= 1', name=op.f('ck_price_tiers_from_units_are_positive')),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_price_tiers_price_is_positive')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_price_tiers_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_tiers')),
    sa.UniqueConstraint('article_id', 'position', name=op.f('uq_price_tiers_article_id_position'))
    )
    op.create_table('bank_lines',
    sa.Column('payee_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('kept_by_id', sa.BigInteger(), nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_bank_lines_amount_is_positive')),
    sa.ForeignKeyConstraint(['kept_by_id'], ['members.id'], name=op.f('fk_bank_lines_kept_by_id')),
    sa.ForeignKeyConstraint(['payee_id'], ['participants.id'], name=op.f('fk_bank_lines_payee_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_bank_lines_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_lines')),
    sa.UniqueConstraint('payee_id', 'digest', name=op.f('uq_bank_lines_payee_id_digest'))
    )
    op.create_index(op.f('ix_bank_lines_payment_id'), 'bank_lines', ['payment_id'], unique=False)
    op.create_table('lines',
    sa.Column('commitment_id', sa.BigInteger(), nullable=False),
    sa.Column('article_id', sa.BigInteger(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('tolerance', sa.Integer(), nullable=False),
    sa.Column('highest_price_minor', sa.BigInteger(), nullable=False),
    sa.Column('layers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('decided_units', sa.Integer(), nullable=True),
    sa.Column('price_minor', sa.BigInteger(), nullable=True),
    sa.Column('vat_basis_points', sa.Integer(), nullable=True),
    sa.Column('granted', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('delivered_units', sa.Integer(), nullable=True),
    sa.Column('weighed_grams', sa.Integer(), nullable=True),
    sa.Column('packed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('out_reason', sa.Text(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('(decided_units IS NULL) = (vat_basis_points IS NULL)', name=op.f('ck_lines_decided_has_a_rate')),
    sa.CheckConstraint('vat_basis_points BETWEEN 0 AND 10000', name=op.f('ck_lines_vat_is_a_share')),
    sa.CheckConstraint('highest_price_minor >= 0', name=op.f('ck_lines_highest_price_is_positive')),
    sa.CheckConstraint('units > 0 OR tolerance = 0', name=op.f('ck_lines_tolerance_adds_to_units')),
    sa.CheckConstraint('units >= 0 AND tolerance >= 0', name=op.f('ck_lines_units_are_positive')),
    sa.CheckConstraint('weighed_grams BETWEEN 1 AND 1000000000', name=op.f('ck_lines_grams_are_positive')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_lines_article_id')),
    sa.ForeignKeyConstraint(['commitment_id'], ['group_buy_commitments.id'], name=op.f('fk_lines_commitment_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lines')),
    sa.UniqueConstraint('commitment_id', 'article_id', name=op.f('uq_lines_commitment_id_article_id'))
    )
    op.create_index(op.f('ix_lines_article_id'), 'lines', ['article_id'], unique=False)
    op.create_table('notices',
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', NOTICE_KIND, nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_notices_event_id')),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_notices_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices')),
    sa.UniqueConstraint('member_id', 'event_id', 'message', name=op.f('uq_notices_member_id_event_id_message'))
    )
    op.create_index(op.f('ix_notices_member_id_id'), 'notices', ['member_id', 'id'], unique=False)
    op.create_index('ix_notices_unread', 'notices', ['member_id'], unique=False, postgresql_where=sa.text('read_at IS NULL'))
    op.create_table('payment_attempts',
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('state', ATTEMPT_STATE, nullable=False),
    sa.Column('intent_key', sa.Text(), nullable=False),
    sa.Column('decline_code', sa.Text(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_attempts_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_attempts')),
    sa.UniqueConstraint('key', name=op.f('uq_payment_attempts_key')),
    sa.UniqueConstraint('payment_id', 'number', name=op.f('uq_payment_attempts_payment_id_number'))
    )
    op.create_table('revocations',
    sa.Column('commitment_id', sa.BigInteger(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('article_ids', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('refund_minor', sa.BigInteger(), nullable=True),
    sa.Column('refunded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('(refunded_at IS NULL) = (refund_minor IS NULL)', name=op.f('ck_revocations_refunded_has_an_amount')),
    sa.CheckConstraint('refund_minor >= 0', name=op.f('ck_revocations_refund_is_positive')),
    sa.ForeignKeyConstraint(['commitment_id'], ['commitments.id'], name=op.f('fk_revocations_commitment_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_revocations_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revocations')),
    sa.UniqueConstraint('commitment_id', name=op.f('uq_revocations_commitment_id'))
    )
    op.create_table('refunds',
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('intent_key', sa.Text(), server_default='', nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('state', REFUND_STATE, nullable=False),
    sa.Column('tries_count', sa.Integer(), nullable=False),
    sa.Column('gateway_key', sa.Text(), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_refunds_amount_is_positive')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_refunds_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('key', name=op.f('uq_refunds_key'))
    )
    op.create_index(op.f('ix_refunds_payment_id'), 'refunds', ['payment_id'], unique=False)
    op.create_index(op.f('ix_refunds_state_wanted_at'), 'refunds', ['state', 'wanted_at'], unique=False)
    op.create_table('invoice_counters',
    sa.Column('seller_id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.CheckConstraint('last_number >= 1', name=op.f('ck_invoice_counters_number_is_positive')),
    sa.ForeignKeyConstraint(['seller_id'], ['participants.id'], name=op.f('fk_invoice_counters_seller_id')),
    sa.PrimaryKeyConstraint('seller_id', 'year', name=op.f('pk_invoice_counters'))
    )
    op.create_table('invoices',
    sa.Column('kind', INVOICE_KIND, nullable=False),
    sa.Column('commitment_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('corrects_id', sa.BigInteger(), nullable=True),
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('seller_id', sa.BigInteger(), nullable=False),
    sa.Column('buyer_id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('by_trader', sa.Boolean(), nullable=False),
    sa.Column('seller_details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('buyer_details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('organiser_name', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('time_zone', sa.Text(), nullable=False),
    sa.Column('supplied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('currency', sa.String(length=16), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('vat_minor', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name=op.f('ck_invoices_credit_note_names_invoice')),
    sa.CheckConstraint("(position = 0) = (kind = 'invoice')", name=op.f('ck_invoices_invoice_comes_first')),
    sa.CheckConstraint("CASE kind WHEN 'invoice' THEN total_minor > 0 ELSE total_minor < 0 END", name=op.f('ck_invoices_total_has_its_sign')),
    sa.CheckConstraint('by_trader OR vat_minor = 0', name=op.f('ck_invoices_private_sellers_state_no_tax')),
    sa.ForeignKeyConstraint(['buyer_id'], ['participants.id'], name=op.f('fk_invoices_buyer_id')),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_invoices_collaboration_id')),
    sa.ForeignKeyConstraint(['commitment_id'], ['commitments.id'], name=op.f('fk_invoices_commitment_id')),
    sa.ForeignKeyConstraint(['corrects_id'], ['invoices.id'], name=op.f('fk_invoices_corrects_id')),
    sa.ForeignKeyConstraint(['currency'], ['currencies.code'], name=op.f('fk_invoices_currency')),
    sa.ForeignKeyConstraint(['seller_id'], ['participants.id'], name=op.f('fk_invoices_seller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoices')),
    sa.UniqueConstraint('commitment_id', 'position', name=op.f('uq_invoices_commitment_id_position')),
    sa.UniqueConstraint('seller_id', 'year', 'number', name=op.f('uq_invoices_seller_id_year_number'))
    )
    op.create_index(op.f('ix_invoices_buyer_id_id'), 'invoices', ['buyer_id', 'id'], unique=False)
    op.create_index(op.f('ix_invoices_collaboration_id_id'), 'invoices', ['collaboration_id', 'id'], unique=False)
    op.create_index(op.f('ix_invoices_corrects_id'), 'invoices', ['corrects_id'], unique=False, postgresql_where=sa.text('corrects_id IS NOT NULL'))
    op.create_index(op.f('ix_invoices_seller_id_id'), 'invoices', ['seller_id', 'id'], unique=False)
    op.create_table('invoice_lines',
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', INVOICE_LINE_KIND, nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=True),
    sa.Column('grams', sa.Integer(), nullable=True),
    sa.Column('price_minor', sa.BigInteger(), nullable=True),
    sa.Column('vat_basis_points', sa.Integer(), nullable=True),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('vat_minor', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('gross_minor <> 0', name=op.f('ck_invoice_lines_line_has_an_amount')),
    sa.CheckConstraint('vat_basis_points BETWEEN 0 AND 10000', name=op.f('ck_invoice_lines_vat_is_a_share')),
    sa.CheckConstraint('vat_basis_points IS NOT NULL OR vat_minor = 0', name=op.f('ck_invoice_lines_untaxed_has_no_tax')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_invoice_lines_invoice_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_lines')),
    sa.UniqueConstraint('invoice_id', 'position', name=op.f('uq_invoice_lines_invoice_id_position'))
    )
    op.create_table('balance_lines',
    sa.Column('line_key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('is_matched', sa.Boolean(), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_balance_lines')),
    sa.UniqueConstraint('line_key', name=op.f('uq_balance_lines_line_key'))
    )
    op.create_index(op.f('ix_balance_lines_subject'), 'balance_lines', ['subject'], unique=False)
    op.create_index('ix_balance_lines_unmatched', 'balance_lines', ['id'], unique=False, postgresql_where=sa.text('NOT is_matched'))
    op.create_table('reconciliations',
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=False),
    sa.Column('transfer_id', sa.BigInteger(), nullable=False),
    sa.Column('sums', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconciliations'))
    )
    op.create_table('connected_accounts',
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('account_key', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('can_receive', sa.Boolean(), nullable=False),
    sa.Column('can_pay_out', sa.Boolean(), nullable=False),
    sa.Column('is_submitted', sa.Boolean(), nullable=False),
    sa.Column('needed', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('needed_by_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('disabled_reason', sa.Text(), nullable=False),
    sa.Column('bank_last4', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_connected_accounts_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connected_accounts')),
    sa.UniqueConstraint('account_key', name=op.f('uq_connected_accounts_account_key')),
    sa.UniqueConstraint('participant_id', name=op.f('uq_connected_accounts_participant_id'))
    )
    op.create_index(op.f('ix_connected_accounts_checked_at'), 'connected_accounts', ['checked_at'], unique=False)
    op.create_table('differences',
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('at_gateway_minor', sa.BigInteger(), nullable=False),
    sa.Column('in_books_minor', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('noted_by_id', sa.BigInteger(), nullable=True),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(noted_at IS NULL) = (note = '')", name=op.f('ck_differences_note_has_a_moment')),
    sa.ForeignKeyConstraint(['noted_by_id'], ['members.id'], name=op.f('fk_differences_noted_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_differences')),
    sa.UniqueConstraint('subject', name=op.f('uq_differences_subject'))
    )
    op.create_index('ix_differences_open', 'differences', ['id'], unique=False, postgresql_where=sa.text('resolved_at IS NULL'))
    op.create_table('fee_schedules',
    sa.Column('fee_basis_points', sa.Integer(), server_default='0', nullable=False),
    sa.Column('reserve_basis_points', sa.Integer(), server_default='0', nullable=False),
    sa.Column('reserve_days', sa.Integer(), server_default='0', nullable=False),
    sa.Column('holds_from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('fee_basis_points BETWEEN 0 AND 5000 AND reserve_basis_points BETWEEN 0 AND 10000 AND reserve_days BETWEEN 0 AND 180', name=op.f('ck_fee_schedules_payout_terms_are_bounded')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_fee_schedules_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fee_schedules'))
    )
    op.create_table('chargebacks',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('intent_key', sa.Text(), nullable=False),
    sa.Column('currency', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('withdrawn_minor', sa.BigInteger(), nullable=False),
    sa.Column('borne_minor', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', CHARGEBACK_STATE, nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answer_until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_accepted', sa.Boolean(), nullable=False),
    sa.Column('answered_by_id', sa.BigInteger(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_chargebacks_amount_is_positive')),
    sa.CheckConstraint('withdrawn_minor >= 0 AND borne_minor >= 0 AND borne_minor <= amount_minor', name=op.f('ck_chargebacks_sums_are_bounded')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['members.id'], name=op.f('fk_chargebacks_answered_by_id')),
    sa.ForeignKeyConstraint(['currency'], ['currencies.code'], name=op.f('fk_chargebacks_currency')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_chargebacks_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chargebacks')),
    sa.UniqueConstraint('key', name=op.f('uq_chargebacks_key'))
    )
    op.create_index(op.f('ix_chargebacks_intent_key'), 'chargebacks', ['intent_key'], unique=False)
    op.create_index(op.f('ix_chargebacks_payment_id'), 'chargebacks', ['payment_id'], unique=False)
    op.create_index('ix_chargebacks_pending', 'chargebacks', ['payment_id'], unique=False, postgresql_where=sa.text("state IN ('inquiry', 'inquiry_answered', 'open', 'under_review')"))
    op.create_table('remittances',
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('collaboration_id', sa.BigInteger(), nullable=False),
    sa.Column('refund_id', sa.BigInteger(), nullable=True),
    sa.Column('is_share', sa.Boolean(), nullable=False),
    sa.Column('is_reserve', sa.Boolean(), nullable=False),
    sa.Column('currency', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('lowered_minor', sa.BigInteger(), nullable=False),
    sa.Column('set_off_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_returned_minor', sa.BigInteger(), nullable=False),
    sa.Column('state', REMITTANCE_STATE, nullable=False),
    sa.Column('tries_count', sa.Integer(), nullable=False),
    sa.Column('sent_minor', sa.BigInteger(), nullable=False),
    sa.Column('account_key', sa.Text(), nullable=False),
    sa.Column('refusal', sa.Text(), nullable=False),
    sa.Column('transfer_key', sa.Text(), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(state = 'done') = (transfer_key <> '')", name=op.f('ck_remittances_done_has_a_transfer')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_remittances_amount_is_positive')),
    sa.CheckConstraint('fee_minor >= 0', name=op.f('ck_remittances_fee_is_positive')),
    sa.CheckConstraint('fee_returned_minor >= 0 AND fee_returned_minor <= fee_minor', name=op.f('ck_remittances_fee_is_bounded')),
    sa.CheckConstraint('lowered_minor + set_off_minor <= amount_minor', name=op.f('ck_remittances_parts_are_within_the_amount')),
    sa.CheckConstraint('lowered_minor >= 0 AND set_off_minor >= 0', name=op.f('ck_remittances_parts_are_positive')),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_remittances_collaboration_id')),
    sa.ForeignKeyConstraint(['currency'], ['currencies.code'], name=op.f('fk_remittances_currency')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_remittances_participant_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_remittances_payment_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refunds.id'], name=op.f('fk_remittances_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_remittances')),
    sa.UniqueConstraint('refund_id', name=op.f('uq_remittances_refund_id'))
    )
    op.create_index('uq_remittances_part', 'remittances', ['payment_id', 'is_share', 'is_reserve'], unique=True, postgresql_where=sa.text('refund_id IS NULL'))
    op.create_index(op.f('ix_remittances_collaboration_id'), 'remittances', ['collaboration_id'], unique=False)
    op.create_index('ix_remittances_open', 'remittances', ['due_at'], unique=False, postgresql_where=sa.text("state IN ('waiting', 'sent')"))
    op.create_index(op.f('ix_remittances_participant_id_collaboration_id'), 'remittances', ['participant_id', 'collaboration_id'], unique=False)
    op.create_table('takings_back',
    sa.Column('remittance_id', sa.BigInteger(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('set_off_minor', sa.BigInteger(), nullable=False),
    sa.Column('state', TAKING_BACK_STATE, nullable=False),
    sa.Column('tries_count', sa.Integer(), nullable=False),
    sa.Column('sent_minor', sa.BigInteger(), nullable=False),
    sa.Column('refusal', sa.Text(), nullable=False),
    sa.Column('reversal_key', sa.Text(), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_takings_back_amount_is_positive')),
    sa.CheckConstraint('set_off_minor >= 0 AND set_off_minor <= amount_minor', name=op.f('ck_takings_back_set_off_is_bounded')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_takings_back_participant_id')),
    sa.ForeignKeyConstraint(['remittance_id'], ['remittances.id'], name=op.f('fk_takings_back_remittance_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_takings_back')),
    sa.UniqueConstraint('key', name=op.f('uq_takings_back_key'))
    )
    op.create_index('ix_takings_back_open', 'takings_back', ['participant_id', 'id'], unique=False, postgresql_where=sa.text("state IN ('wanted', 'sent')"))
    op.create_index(op.f('ix_takings_back_remittance_id'), 'takings_back', ['remittance_id'], unique=False)
    # ### end Alembic commands ###
    op.create_foreign_key(
        'fk_pictures_uploaded_by_id', 'pictures', 'participants', ['uploaded_by_id'], ['id']
    )
    op.get_bind().exec_driver_sql(LEDGER)
    op.get_bind().exec_driver_sql(HISTORY)
    op.get_bind().exec_driver_sql(INVOICES)
    op.get_bind().exec_driver_sql(STOCK)
    op.get_bind().exec_driver_sql(QUEUE)
    op.get_bind().exec_driver_sql(WITHOUT_NOTIFY)


def downgrade() -> None:
    """The first tables are not taken back: drop the database instead."""
    raise RuntimeError("Drop the database instead.")
