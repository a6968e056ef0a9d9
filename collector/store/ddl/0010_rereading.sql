-- How far spans that were stored by older rules have been read anew, by the rules of which number: those that
-- were stored from `since_us` to before `until_us`, in order of their beginning; `next_ns` is NULL when all are.
CREATE TABLE rereading (
    rules INTEGER NOT NULL,
    since_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    next_ns BIGINT
);
