"""circles, threads in them, skills and listings."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = 'circles_2026_11_28_b'
down_revision = 'tables_2026_11_28_e'
branch_labels = None
depends_on = None

MARK = postgresql.ENUM('none', 'organiser', 'supplier', 'steward', name='message_mark', create_type=False)
ABOUT_ONE = 'num_nonnulls(collaboration_id, circle_id) = 1'

CIRCLES = r'''
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
'''.replace('%', '%%')


def upgrade() -> None:
    op.execute("ALTER TYPE collaboration_visibility ADD VALUE 'circle'")
    op.execute("ALTER TYPE notice_kind ADD VALUE 'circle' AFTER 'series'")
    op.execute("ALTER TYPE notice_kind ADD VALUE 'digest' AFTER 'circle'")
    op.execute("ALTER TYPE case_target ADD VALUE 'circle'")
    op.execute("ALTER TYPE case_measure ADD VALUE 'archived'")
    op.create_table('circles',
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Enum('buying', 'neighbourhood', 'customers', 'team', name='circle_kind'), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('visibility', sa.Enum('public', 'listed', 'private', name='circle_visibility'), nullable=False),
    sa.Column('admission', sa.Enum('free', 'request', 'invitation', name='admission'), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('members_invite', sa.Boolean(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('place_name', sa.Text(), nullable=False),
    sa.Column('latitude', sa.Float(), nullable=True),
    sa.Column('longitude', sa.Float(), nullable=True),
    sa.Column('time_zone', sa.Text(), nullable=False),
    sa.Column('rules_number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('open', 'archived', name='circle_state'), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_suspended', sa.Boolean(), nullable=False),
    sa.Column('members_count', sa.Integer(), nullable=False),
    sa.Column('stewards_count', sa.Integer(), nullable=False),
    sa.Column('brought_count', sa.Integer(), nullable=False),
    sa.Column('phase_counts', postgresql.ARRAY(sa.Integer()), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("allmende_search(lang, name, summary || ' ' || description, '')", persisted=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(admission = 'request') OR question = ''", name=op.f('ck_circles_question_is_asked')),
    sa.CheckConstraint("(state = 'archived') = (archived_at IS NOT NULL)", name=op.f('ck_circles_end_has_a_time')),
    sa.CheckConstraint("state = 'archived' OR NOT is_suspended", name=op.f('ck_circles_suspended_has_ended')),
    sa.CheckConstraint("visibility <> 'private' OR admission = 'invitation'", name=op.f('ck_circles_private_is_by_invitation')),
    sa.CheckConstraint('(latitude IS NULL) = (longitude IS NULL)', name=op.f('ck_circles_place_is_whole')),
    sa.CheckConstraint('members_count >= 0 AND stewards_count >= 0 AND brought_count >= 0', name=op.f('ck_circles_counts_are_positive')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_circles_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_circles')),
    sa.UniqueConstraint('slug', name=op.f('uq_circles_slug'))
    )
    op.create_index('ix_circles_ending', 'circles', ['ends_at'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_circles_kind', 'circles', ['kind', 'id'], unique=False, postgresql_where=sa.text("circles.state = 'open' AND circles.visibility IN ('public', 'listed')"))
    op.create_index('ix_circles_newest', 'circles', ['id'], unique=False, postgresql_where=sa.text("circles.state = 'open' AND circles.visibility IN ('public', 'listed')"))
    op.create_index('ix_circles_point', 'circles', [sa.literal_column('point(longitude, latitude)')], unique=False, postgresql_using='gist', postgresql_where=sa.text("circles.state = 'open' AND circles.visibility IN ('public', 'listed')"))
    op.create_index('ix_circles_search', 'circles', ['search'], unique=False, postgresql_using='gin')
    op.create_table('skills',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('broader_id', sa.BigInteger(), nullable=True),
    sa.Column('source', sa.Enum('allmende', 'esco', 'member', name='skill_source'), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['broader_id'], ['skills.id'], name=op.f('fk_skills_broader_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_skills_made_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_skills')),
    sa.UniqueConstraint('key', name=op.f('uq_skills_key'))
    )
    op.create_index(op.f('ix_skills_broader_id'), 'skills', ['broader_id'], unique=False, postgresql_where=sa.text('broader_id IS NOT NULL'))
    op.create_table('circle_memberships',
    sa.Column('circle_id', sa.BigInteger(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('asked', 'invited', 'active', 'declined', 'left', 'removed', name='membership_state'), nullable=False),
    sa.Column('role', sa.Enum('steward', 'treasurer', 'member', name='circle_role'), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('rules_number', sa.Integer(), nullable=False),
    sa.Column('invited_by_id', sa.BigInteger(), nullable=True),
    sa.Column('link_key', sa.Text(), nullable=True),
    sa.Column('phase', sa.SmallInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("role = 'member' OR state = 'active'", name=op.f('ck_circle_memberships_roles_are_for_members')),
    sa.CheckConstraint('phase BETWEEN 1 AND 5', name=op.f('ck_circle_memberships_phase_is_one_of_five')),
    sa.ForeignKeyConstraint(['circle_id'], ['circles.id'], name=op.f('fk_circle_memberships_circle_id')),
    sa.ForeignKeyConstraint(['invited_by_id'], ['circle_memberships.id'], name=op.f('fk_circle_memberships_invited_by_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_circle_memberships_made_by_id')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_circle_memberships_participant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_circle_memberships')),
    sa.UniqueConstraint('circle_id', 'participant_id', name=op.f('uq_circle_memberships_circle_id_participant_id')),
    sa.UniqueConstraint('link_key', name=op.f('uq_circle_memberships_link_key'))
    )
    op.create_index('ix_circle_memberships_asked', 'circle_memberships', ['circle_id', 'id'], unique=False, postgresql_where=sa.text("state = 'asked'"))
    op.create_index('ix_circle_memberships_came', 'circle_memberships', ['circle_id', 'since_at'], unique=False, postgresql_where=sa.text("state = 'active'"))
    op.create_index('ix_circle_memberships_invited_by', 'circle_memberships', ['invited_by_id'], unique=False, postgresql_where=sa.text('invited_by_id IS NOT NULL'))
    op.create_index('ix_circle_memberships_members', 'circle_memberships', ['circle_id', 'role', 'id'], unique=False, postgresql_where=sa.text("state = 'active'"))
    op.create_index(op.f('ix_circle_memberships_participant_id_state_circle_id'), 'circle_memberships', ['participant_id', 'state', 'circle_id'], unique=False)
    op.create_table('house_rules',
    sa.Column('circle_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('length(body) BETWEEN 1 AND 10000', name=op.f('ck_house_rules_body_has_a_length')),
    sa.CheckConstraint('number >= 1', name=op.f('ck_house_rules_number_counts')),
    sa.ForeignKeyConstraint(['circle_id'], ['circles.id'], name=op.f('fk_house_rules_circle_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_house_rules_made_by_id')),
    sa.PrimaryKeyConstraint('circle_id', 'number', name=op.f('pk_house_rules'))
    )
    op.create_table('listings',
    sa.Column('kind', sa.Enum('need', 'offer', name='listing_kind'), nullable=False),
    sa.Column('sort', sa.Enum('service', 'skill', 'good', name='listing_sort'), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger(), nullable=False),
    sa.Column('circle_id', sa.BigInteger(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('skill_ids', postgresql.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('slots', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('is_remote', sa.Boolean(), nullable=False),
    sa.Column('place_name', sa.Text(), nullable=False),
    sa.Column('latitude', sa.Float(), nullable=True),
    sa.Column('longitude', sa.Float(), nullable=True),
    sa.Column('price_kind', sa.Enum('money', 'hours', 'gift', 'swap', 'open', name='price_kind'), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=True),
    sa.Column('price_currency', sa.String(length=16), nullable=True),
    sa.Column('swap_for', sa.Text(), nullable=False),
    sa.Column('picture_id', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Enum('open', 'expired', 'closed', name='listing_state'), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('renewal_key', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("allmende_search(lang, title, description || ' ' || swap_for, '')", persisted=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(price_kind = 'money') = (price_currency IS NOT NULL)", name=op.f('ck_listings_money_has_a_currency')),
    sa.CheckConstraint("(price_kind IN ('money', 'hours')) = (price_minor IS NOT NULL)", name=op.f('ck_listings_price_has_an_amount')),
    sa.CheckConstraint("price_kind = 'swap' OR swap_for = ''", name=op.f('ck_listings_swap_is_for_something')),
    sa.CheckConstraint('(latitude IS NULL) = (longitude IS NULL)', name=op.f('ck_listings_place_is_whole')),
    sa.CheckConstraint('cardinality(skill_ids) <= 5', name=op.f('ck_listings_skills_are_few')),
    sa.CheckConstraint('price_minor IS NULL OR price_minor > 0', name=op.f('ck_listings_price_is_positive')),
    sa.ForeignKeyConstraint(['circle_id'], ['circles.id'], name=op.f('fk_listings_circle_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['members.id'], name=op.f('fk_listings_made_by_id')),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_listings_participant_id')),
    sa.ForeignKeyConstraint(['picture_id'], ['pictures.id'], name=op.f('fk_listings_picture_id')),
    sa.ForeignKeyConstraint(['price_currency'], ['currencies.code'], name=op.f('fk_listings_price_currency')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listings')),
    sa.UniqueConstraint('renewal_key', name=op.f('uq_listings_renewal_key')),
    sa.UniqueConstraint('slug', name=op.f('uq_listings_slug'))
    )
    op.create_index('ix_listings_circle', 'listings', ['circle_id', 'id'], unique=False, postgresql_where=sa.text('circle_id IS NOT NULL'))
    op.create_index('ix_listings_expiring', 'listings', ['expires_at'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_listings_need_point', 'listings', [sa.literal_column('point(longitude, latitude)')], unique=False, postgresql_using='gist', postgresql_where=sa.text("state = 'open' AND kind = 'need'"))
    op.create_index('ix_listings_newest', 'listings', ['kind', 'id'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_listings_offer_point', 'listings', [sa.literal_column('point(longitude, latitude)')], unique=False, postgresql_using='gist', postgresql_where=sa.text("state = 'open' AND kind = 'offer'"))
    op.create_index(op.f('ix_listings_participant_id_id'), 'listings', ['participant_id', 'id'], unique=False)
    op.create_index(op.f('ix_listings_picture_id'), 'listings', ['picture_id'], unique=False, postgresql_where=sa.text('picture_id IS NOT NULL'))
    op.create_index('ix_listings_search', 'listings', ['search'], unique=False, postgresql_using='gin')
    op.create_index('ix_listings_skills', 'listings', ['skill_ids'], unique=False, postgresql_using='gin', postgresql_where=sa.text("state = 'open'"))
    op.create_table('skill_labels',
    sa.Column('skill_id', sa.BigInteger(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('label_key', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("allmende_search(lang, label || ' ' || label_key, '', '')", persisted=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['skill_id'], ['skills.id'], name=op.f('fk_skill_labels_skill_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_skill_labels')),
    sa.UniqueConstraint('skill_id', 'lang', 'label', name=op.f('uq_skill_labels_skill_id_lang_label'))
    )
    op.create_index('ix_skill_labels_key', 'skill_labels', ['label_key'], unique=False, postgresql_ops={'label_key': 'text_pattern_ops'})
    op.create_index('ix_skill_labels_search', 'skill_labels', ['search'], unique=False, postgresql_using='gin')
    op.create_table('dismissals',
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('other_id', sa.BigInteger(), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_dismissals_listing_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['listings.id'], name=op.f('fk_dismissals_other_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('listing_id', 'other_id', name=op.f('pk_dismissals'))
    )
    op.create_index(op.f('ix_dismissals_other_id'), 'dismissals', ['other_id'], unique=False)
    op.create_table('thread_followers',
    sa.Column('collaboration_id', sa.BigInteger(), nullable=True),
    sa.Column('circle_id', sa.BigInteger(), nullable=True),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('following', sa.Enum('followed', 'muted', name='following'), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('num_nonnulls(collaboration_id, circle_id) = 1', name=op.f('ck_thread_followers_is_about_one_thing')),
    sa.ForeignKeyConstraint(['circle_id'], ['circles.id'], name=op.f('fk_thread_followers_circle_id')),
    sa.ForeignKeyConstraint(['collaboration_id'], ['collaborations.id'], name=op.f('fk_thread_followers_collaboration_id')),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_thread_followers_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_followers'))
    )
    op.create_index(op.f('ix_thread_followers_member_id'), 'thread_followers', ['member_id'], unique=False)
    op.create_index('uq_thread_followers_circle', 'thread_followers', ['circle_id', 'member_id'], unique=True, postgresql_where=sa.text('circle_id IS NOT NULL'))
    op.create_index('uq_thread_followers_collaboration', 'thread_followers', ['collaboration_id', 'member_id'], unique=True, postgresql_where=sa.text('collaboration_id IS NOT NULL'))
    op.create_table('mentions',
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('participant_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_mentions_message_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['participant_id'], ['participants.id'], name=op.f('fk_mentions_participant_id')),
    sa.PrimaryKeyConstraint('message_id', 'participant_id', name=op.f('pk_mentions'))
    )
    op.create_index(op.f('ix_mentions_participant_id'), 'mentions', ['participant_id'], unique=False)
    op.create_table('message_versions',
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_message_versions_message_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('message_id', 'number', name=op.f('pk_message_versions'))
    )
    op.add_column('cases', sa.Column('circle_id', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_cases_circle_id'), 'cases', ['circle_id'], unique=False, postgresql_where=sa.text('circle_id IS NOT NULL'))
    op.create_foreign_key(op.f('fk_cases_circle_id'), 'cases', 'circles', ['circle_id'], ['id'])
    op.add_column('collaborations', sa.Column('circle_id', sa.BigInteger(), nullable=True))
    op.create_index('ix_collaborations_circle', 'collaborations', ['circle_id', 'id'], unique=False, postgresql_where=sa.text('circle_id IS NOT NULL'))
    op.create_foreign_key(op.f('fk_collaborations_circle_id'), 'collaborations', 'circles', ['circle_id'], ['id'])
    op.add_column('events', sa.Column('circle_id', sa.BigInteger(), nullable=True))
    op.create_index('ix_events_circle', 'events', ['circle_id', 'id'], unique=False, postgresql_where=sa.text('circle_id IS NOT NULL'))
    op.create_foreign_key(op.f('fk_events_circle_id'), 'events', 'circles', ['circle_id'], ['id'])
    MARK.create(op.get_bind())
    op.add_column('messages', sa.Column('mark', MARK, nullable=True))
    op.execute("UPDATE messages SET mark = (CASE WHEN is_by_organiser THEN 'organiser' ELSE 'none' END)::message_mark")
    op.alter_column('messages', 'mark', nullable=False)
    op.drop_column('messages', 'is_by_organiser')
    op.alter_column('messages', 'for_committed', new_column_name='is_announcement')
    op.execute('ALTER TABLE messages RENAME CONSTRAINT messages_for_committed_not_null TO messages_is_announcement_not_null')
    op.add_column('messages', sa.Column('circle_id', sa.BigInteger(), nullable=True))
    op.add_column('messages', sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True))
    op.alter_column('messages', 'collaboration_id',
               existing_type=sa.BIGINT(),
               nullable=True)
    op.drop_index(op.f('ix_messages_collaboration_id_id'), table_name='messages')
    op.drop_index(op.f('ix_messages_answers_id_id'), table_name='messages')
    op.create_index(op.f('ix_messages_answers_id_id'), 'messages', ['answers_id', 'id'], unique=False, postgresql_where=sa.text('answers_id IS NOT NULL'))
    op.create_index('ix_messages_of_circle', 'messages', ['circle_id', 'id'], unique=False, postgresql_where=sa.text('answers_id IS NULL AND circle_id IS NOT NULL'))
    op.create_index('ix_messages_of_collaboration', 'messages', ['collaboration_id', 'id'], unique=False, postgresql_where=sa.text('answers_id IS NULL AND collaboration_id IS NOT NULL'))
    op.create_index('ix_messages_of_week', 'messages', ['circle_id', 'made_at'], unique=False, postgresql_where=sa.text('circle_id IS NOT NULL'))
    op.create_foreign_key(op.f('fk_messages_circle_id'), 'messages', 'circles', ['circle_id'], ['id'])
    op.create_check_constraint('is_about_one_thing', 'messages', ABOUT_ONE)
    op.create_check_constraint('answers_are_for_all', 'messages', 'answers_id IS NULL OR NOT is_announcement')
    op.create_check_constraint(
        'circle_is_named', 'collaborations', "circle_id IS NOT NULL OR visibility::text <> 'circle'"
    )
    # What was said is called by what it is now.
    op.execute("UPDATE events SET kind = 'CommentMade' WHERE kind = 'QuestionAsked'")
    op.execute("UPDATE events SET kind = 'CommentAnswered' WHERE kind = 'QuestionAnswered'")
    op.get_bind().exec_driver_sql(CIRCLES)


def downgrade() -> None:
    """What was said in circles has no place without them: restore a backup instead."""
    raise RuntimeError("Restore a backup instead.")
