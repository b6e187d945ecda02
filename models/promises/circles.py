"""Circles: members are counted as they come and go, and an open circle has a steward."""

CIRCLES = """
CREATE FUNCTION circle_count(
    circle bigint, roles circle_role[], phases smallint[], inviters bigint[], change integer
) RETURNS void LANGUAGE sql AS $$
    UPDATE circles SET
        members_count = members_count + change * cardinality(phases),
        stewards_count = stewards_count + change * cardinality(array_positions(roles, 'steward')),
        brought_count = brought_count + change * cardinality(array_remove(inviters, NULL)),
        phase_counts = ARRAY(
            SELECT counted + change * cardinality(array_positions(phases, phase::smallint))
            FROM unnest(phase_counts) WITH ORDINALITY AS kept (counted, phase)
            ORDER BY phase
        )
        WHERE id = circle
$$;

-- Once for a statement: a deal that ends takes thousands a phase further at once.
CREATE FUNCTION circle_count_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM circle_count(
            circle_id, array_agg(role), array_agg(phase), array_agg(invited_by_id), -1
        ) FROM (
            SELECT id, circle_id, state, role, phase, invited_by_id FROM gone
            EXCEPT SELECT id, circle_id, state, role, phase, invited_by_id FROM came
        ) AS before WHERE state = 'active' GROUP BY circle_id;
        PERFORM circle_count(
            circle_id, array_agg(role), array_agg(phase), array_agg(invited_by_id), 1
        ) FROM (
            SELECT id, circle_id, state, role, phase, invited_by_id FROM came
            EXCEPT SELECT id, circle_id, state, role, phase, invited_by_id FROM gone
        ) AS since WHERE state = 'active' GROUP BY circle_id;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM circle_count(
            circle_id, array_agg(role), array_agg(phase), array_agg(invited_by_id), 1
        ) FROM came WHERE state = 'active' GROUP BY circle_id;
    ELSE
        PERFORM circle_count(
            circle_id, array_agg(role), array_agg(phase), array_agg(invited_by_id), -1
        ) FROM gone WHERE state = 'active' GROUP BY circle_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER circle_memberships_come AFTER INSERT ON circle_memberships
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION circle_count_members();
CREATE TRIGGER circle_memberships_change AFTER UPDATE ON circle_memberships
    REFERENCING OLD TABLE AS gone NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION circle_count_members();
CREATE TRIGGER circle_memberships_go AFTER DELETE ON circle_memberships
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION circle_count_members();

CREATE FUNCTION circle_guard_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF (NEW.members_count, NEW.stewards_count, NEW.brought_count) <> (0, 0, 0)
            OR NEW.phase_counts <> '{0,0,0,0,0}' THEN
            RAISE EXCEPTION 'circles: a circle begins without members'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (NEW.members_count, NEW.stewards_count, NEW.brought_count, NEW.phase_counts)
          IS DISTINCT FROM
          (OLD.members_count, OLD.stewards_count, OLD.brought_count, OLD.phase_counts)
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

CREATE FUNCTION circle_membership_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.circle_id, NEW.participant_id) <> (OLD.circle_id, OLD.participant_id) THEN
        RAISE EXCEPTION 'circle_memberships: a membership stays with its circle and its participant'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER circle_memberships_stay
    BEFORE UPDATE OF circle_id, participant_id ON circle_memberships
    FOR EACH ROW EXECUTE FUNCTION circle_membership_stays();

CREATE FUNCTION message_answers_in_its_thread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM messages
        WHERE id = NEW.answers_id AND answers_id IS NULL
            AND (collaboration_id, circle_id)
                IS NOT DISTINCT FROM (NEW.collaboration_id, NEW.circle_id)
    ) THEN
        RAISE EXCEPTION 'messages: an answer stands beneath a comment of the same thread'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER messages_answer_in_their_thread
    BEFORE INSERT OR UPDATE OF answers_id, collaboration_id, circle_id ON messages
    FOR EACH ROW WHEN (NEW.answers_id IS NOT NULL) EXECUTE FUNCTION message_answers_in_its_thread();

CREATE TRIGGER house_rules_are_immutable BEFORE UPDATE OR DELETE ON house_rules
    FOR EACH ROW EXECUTE FUNCTION history_is_written_once();
"""
