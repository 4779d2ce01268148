-- The partitions of this month and the next three, by the server's clock. Run at every start and twice a day.
DO $$
DECLARE
    month timestamp;
    name  text;
BEGIN
    FOR ahead IN 0..3 LOOP
        month := date_trunc('month', now() AT TIME ZONE 'UTC') + ahead * interval '1 month';
        name := 'event_' || to_char(month, 'YYYYMM');
        -- Asked first: making one locks the whole table.
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        BEGIN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF event FOR VALUES FROM (%s) TO (%s)',
                name,
                (extract(epoch FROM month) * 1000)::bigint,
                (extract(epoch FROM month + interval '1 month') * 1000)::bigint
            );
        EXCEPTION
            -- Another gateway was quicker; or the default partition has rows of that month already, and keeps the rest.
            WHEN duplicate_table OR check_violation THEN NULL;
        END;
    END LOOP;
END
$$;
