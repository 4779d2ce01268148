-- The newest states of one commit in one row, for a row of each costs as much as all of them. What the old table has is
-- brought into `person` first.
CREATE INDEX recent_person ON recent (person, version);

UPDATE person SET (links, version, state) = (
    SELECT r.links, r.version, r.state FROM recent r WHERE r.person = person.no ORDER BY r.version DESC LIMIT 1
)
WHERE no IN (SELECT person FROM recent)
  AND version < (SELECT max(r.version) FROM recent r WHERE r.person = person.no);

DROP TABLE recent;

-- As the commits append them. `person` has an older state of the same person until the writer comes by: whichever has the
-- higher version counts.
CREATE TABLE recent (
    event   INTEGER PRIMARY KEY,  -- the last one in the states
    passed  INTEGER NOT NULL,     -- how far the writer had come: the last person whom it had come by
    begun   INTEGER NOT NULL,     -- the last event when it began with the first person
    done    INTEGER NOT NULL,     -- up to which `person` has them all
    states  BLOB    NOT NULL      -- packed: see store/sqlite/known/recent/rows.rs
) STRICT;
