-- What fired, who must not hear of it, and what is still to be told. Written by the alerts alone, and only when something
-- changes: what holds at this moment is kept in memory.
CREATE TABLE alerts (
    alert_id UUID NOT NULL,
    rule VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    about VARCHAR NOT NULL, -- JSON; with the rule it says which alert this is
    title VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    "view" VARCHAR NOT NULL,
    params VARCHAR NOT NULL, -- JSON
    "value" DOUBLE NOT NULL,
    threshold DOUBLE,
    started_ns BIGINT NOT NULL,
    announced_ns BIGINT, -- NULL while it is silenced from the start
    resolved_ns BIGINT,
    ended_as VARCHAR -- well, or why its rule looks no more
);

CREATE TABLE alert_silences (
    silence_id UUID NOT NULL,
    rule VARCHAR NOT NULL,
    about VARCHAR, -- NULL for all that the rule finds
    operator VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    made_ns BIGINT NOT NULL,
    until_ns BIGINT NOT NULL,
    ended_ns BIGINT,
    ended_by VARCHAR
);

-- What a webhook is told, in the order of `made_ns`. The body holds no address of a webhook.
CREATE TABLE alert_notices (
    notice_id UUID NOT NULL,
    webhook VARCHAR NOT NULL,
    made_ns BIGINT NOT NULL,
    body VARCHAR NOT NULL
);
