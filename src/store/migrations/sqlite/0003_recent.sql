-- The newest states, as the commits append them. `person` has an older one of the same person until the writer comes by:
-- whichever has the higher version counts.
CREATE TABLE recent (
    event   INTEGER PRIMARY KEY,  -- the last one in the state
    person  INTEGER NOT NULL,
    links   INTEGER NOT NULL,     -- as in `person`, like the rest
    version INTEGER NOT NULL,
    passed  INTEGER NOT NULL,     -- how far the writer had come: the last person whom it had come by
    begun   INTEGER NOT NULL,     -- the last event when it began with the first person
    done    INTEGER NOT NULL,     -- up to which `person` has them all
    state   BLOB    NOT NULL
) STRICT;
