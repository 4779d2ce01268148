-- The newest states, as the commits append them. `person` has an older one of the same person until the writer comes by:
-- whichever has the higher version counts.
CREATE TABLE recent (
    event   INTEGER PRIMARY KEY,  -- the last one in the state
    person  INTEGER NOT NULL,
    links   INTEGER NOT NULL,     -- as in `person`, like the rest
    version INTEGER NOT NULL,
    state   BLOB    NOT NULL
) STRICT;
