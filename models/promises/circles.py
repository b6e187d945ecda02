"""Circles: members are counted as they come and go, and an open circle has a steward."""

CIRCLES = """
CREATE FUNCTION circle_count_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    members integer := 0;
    stewards integer := 0;
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') AND OLD.state = 'active' THEN
        members := members - 1;
        stewards := stewards - (OLD.role = 'steward')::integer;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') AND NEW.state = 'active' THEN
        members := members + 1;
        stewards := stewards + (NEW.role = 'steward')::integer;
    END IF;
    IF (members, stewards) <> (0, 0) THEN
        UPDATE circles
            SET members_count = members_count + members,
                stewards_count = stewards_count + stewards
            WHERE id = coalesce(NEW.circle_id, OLD.circle_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER circle_memberships_are_counted
    AFTER INSERT OR UPDATE OF state, role OR DELETE ON circle_memberships
    FOR EACH ROW EXECUTE FUNCTION circle_count_member();

CREATE FUNCTION circle_guard_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF (NEW.members_count, NEW.stewards_count) <> (0, 0) THEN
            RAISE EXCEPTION 'circles: a circle begins without members'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (NEW.members_count, NEW.stewards_count)
          IS DISTINCT FROM (OLD.members_count, OLD.stewards_count)
          AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'circles: members are counted by their memberships alone'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER circles_are_guarded BEFORE INSERT OR UPDATE ON circles
    FOR EACH ROW EXECUTE FUNCTION circle_guard_counts();

CREATE FUNCTION circle_has_steward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM circles
               WHERE id = NEW.id AND state = 'open' AND stewards_count = 0) THEN
        RAISE EXCEPTION 'circles: circle % is open and has no steward', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER circles_have_a_steward
    AFTER INSERT OR UPDATE OF state, stewards_count ON circles
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION circle_has_steward();

CREATE TRIGGER house_rules_are_immutable BEFORE UPDATE OR DELETE ON house_rules
    FOR EACH ROW EXECUTE FUNCTION history_is_written_once();
"""
