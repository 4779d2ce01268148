-- The log: what happened, what it did, what was answered. Never updated, never deleted. It names nobody.
CREATE TABLE event (
    id          INTEGER PRIMARY KEY,  -- append order
    key_at      INTEGER NOT NULL,     -- with digest: what makes it unique
    digest      BLOB    NOT NULL,
    person      INTEGER NOT NULL,
    prev        INTEGER NOT NULL,     -- this person's event before it, 0 for the first
    kind        TEXT    NOT NULL,
    occurred_at INTEGER NOT NULL,     -- unix ms
    received_at INTEGER NOT NULL,     -- unix ms
    request     BLOB,                 -- the Idempotency-Key under which it came
    command     TEXT    NOT NULL,     -- JSON: facts and action
    outcome     TEXT    NOT NULL,     -- JSON, byte for byte under the person's hash chain
    reply       TEXT                  -- JSON: the passive reply
) STRICT;

-- The index over what makes an event unique, without the newest events. Led by time, so that inserts stay together.
CREATE TABLE dedupe (
    key_at INTEGER NOT NULL,
    digest BLOB    NOT NULL,
    event  INTEGER NOT NULL,
    PRIMARY KEY (key_at, digest)
) STRICT, WITHOUT ROWID;

-- The last event in `dedupe`: one row.
CREATE TABLE indexed (
    event INTEGER NOT NULL
) STRICT;

INSERT INTO indexed (event) VALUES (0);

-- One POST with an Idempotency-Key.
CREATE TABLE request (
    key  BLOB NOT NULL PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The fold of a person's events, kept in the same commit.
CREATE TABLE person (
    no          INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE,           -- UUIDv7
    union_id    TEXT    UNIQUE,                    -- in clear, or ~ and a keyed digest once erased
    merged_into INTEGER,                           -- the person that this one turned out to be
    links       INTEGER NOT NULL,                  -- rows of identity in clear
    version     INTEGER NOT NULL,                  -- commits that changed it
    state       BLOB    NOT NULL                   -- packed: see store/record.rs
) STRICT;

-- A person's history after a merge walks the chains of both.
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;

-- Led by what differs first: a comparison that reaches the second column costs twice.
CREATE TABLE identity (
    open_id TEXT    NOT NULL,                      -- in clear, or ~ and a keyed digest once erased
    app_id  TEXT    NOT NULL,
    person  INTEGER NOT NULL,
    PRIMARY KEY (open_id, app_id)
) STRICT, WITHOUT ROWID;

-- The links of one person: shown on /v1, erased, re-pointed by a merge.
CREATE INDEX identity_person ON identity (person);

-- Only what must still be done. AUTOINCREMENT: the number of an errand that has ended is never given again.
CREATE TABLE outbox (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    event    INTEGER NOT NULL,
    person   INTEGER NOT NULL,
    app_id   TEXT    NOT NULL,
    link     TEXT,                                 -- keyed digest of the (app_id, open_id) it concerns
    errand   TEXT    NOT NULL,                     -- JSON
    due_at   INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    in_hand  INTEGER NOT NULL DEFAULT 0            -- handed out and not given back
) STRICT;

CREATE INDEX outbox_due ON outbox (due_at);
