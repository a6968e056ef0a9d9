-- The server's clock, in ms since 1970 (UTC).
CREATE FUNCTION api.now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

-- A write that changes nothing.
CREATE FUNCTION api.probe() RETURNS void LANGUAGE sql VOLATILE AS $$
    DELETE FROM causeline.asked WHERE call = '00000000-0000-0000-0000-000000000000'
$$;
