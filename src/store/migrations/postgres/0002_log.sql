-- The same tables as in SQLite, where they are explained; here are the differences. Names are compared byte by byte.

-- In blocks: a batch takes one number and uses the 255 after it as well, as many as it needs.
CREATE SEQUENCE event_id INCREMENT BY 256;
CREATE SEQUENCE person_no;

-- Partitioned by time, so that old months can be moved to another disk as a whole. Along one person's chain numbers ascend,
-- across persons they ascend nearly in the order of the commits.
CREATE TABLE event (
    id          bigint NOT NULL,
    person      bigint NOT NULL,
    prev        bigint NOT NULL,
    kind        text   NOT NULL,
    occurred_at bigint NOT NULL,
    received_at bigint NOT NULL,
    request     bytea,
    command     text   NOT NULL,  -- JSON as text: the server need not check what the gateway wrote
    outcome     text   NOT NULL,
    reply       text,
    PRIMARY KEY (id, received_at)
) PARTITION BY RANGE (received_at);

-- Whatever no month was made for.
CREATE TABLE event_default PARTITION OF event DEFAULT;

CREATE TABLE dedupe (
    occurred_at bigint NOT NULL,
    digest      bytea  NOT NULL,
    event       bigint NOT NULL,
    received_at bigint NOT NULL,  -- leads to the event's partition
    PRIMARY KEY (occurred_at, digest)
);

CREATE TABLE request (
    key  bytea NOT NULL PRIMARY KEY,
    body bytea NOT NULL
);

-- Room in every page: a state is updated in place, without touching an index.
CREATE TABLE person (
    no          bigint  NOT NULL PRIMARY KEY,
    id          uuid    NOT NULL UNIQUE,
    union_id    text    COLLATE "C" UNIQUE,
    merged_into bigint,
    links       integer NOT NULL,
    version     bigint  NOT NULL,
    state       bytea   NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE identity (
    open_id text   COLLATE "C" NOT NULL,
    app_id  text   COLLATE "C" NOT NULL,
    person  bigint NOT NULL,
    PRIMARY KEY (open_id, app_id)
);

CREATE INDEX identity_person ON identity (person);

-- The keyed digest of every name in `person` and `identity`, in whichever form it is there: added with the name, and never
-- changed. The unique keys of those tables let one gateway write a new name in clear while another writes its digest, and
-- that would be two persons; here the second one waits for the first, and then finds who it is.
CREATE TABLE known_name (
    digest uuid NOT NULL PRIMARY KEY
);

CREATE TABLE outbox (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event    bigint  NOT NULL,
    person   bigint  NOT NULL,
    app_id   text    NOT NULL,
    link     text,
    errand   text    NOT NULL,
    due_at   bigint  NOT NULL,
    deadline bigint  NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    in_hand  boolean NOT NULL DEFAULT false
);

CREATE INDEX outbox_due ON outbox (due_at);

-- Ends a transaction that found fewer rows as it had read them than it wants to change.
CREATE FUNCTION unless_quicker(changed bigint, wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF changed <> wanted THEN
        RAISE EXCEPTION 'another gateway was quicker' USING ERRCODE = 'serialization_failure';
    END IF;
END
$$;
