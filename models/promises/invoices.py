"""Invoices are numbered without gaps for each seller and year, add up, and stay as issued."""

INVOICES = """
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
"""
