-- Tables of the state store. Rows that change often are narrow and have room beside them, so that an update stays on its
-- page; what is only carried (inputs, results, values, words of users) is `bytea`: JSONB and text refuse NUL, and JSONB
-- lone surrogates. Long words are found by a digest: an index takes none over 2,700 bytes. Times are ms since 1970 (UTC).
--
-- A step is the word of a place: step, step#2 in a loop's second round, step[3] for an item, ~step for its undo.

-- What a run was accepted with; never changed.
CREATE TABLE causeline.runs (
    id uuid PRIMARY KEY,
    app text NOT NULL,
    workflow text NOT NULL,
    accepted_ms bigint NOT NULL,
    key bytea,          -- the caller's own
    inputs text,        -- digest of the inputs, beside a key
    carried bytea NOT NULL
);
CREATE INDEX runs_accepted ON causeline.runs (app, accepted_ms, id);
CREATE UNIQUE INDEX runs_key ON causeline.runs (app, workflow, sha256(key)) WHERE key IS NOT NULL;

-- How a run stands. Whoever changes anything of a run locks this row first.
CREATE TABLE causeline.standings (
    run uuid PRIMARY KEY,
    app text NOT NULL,
    workflow text NOT NULL,
    accepted_ms bigint NOT NULL,
    status text NOT NULL,
    open integer NOT NULL,      -- steps that are not committed
    shape text,
    life integer NOT NULL DEFAULT 1,
    resumed_ms bigint,
    ended_ms bigint,
    ended_by text,              -- token of whoever ended it, or of who had its undos begin
    finished_by text,
    error_type bytea,
    error bytea,
    failed_step text,
    ending text,                -- the status that it ends with once its steps are undone
    is_undone boolean NOT NULL DEFAULT false,
    undo_order integer NOT NULL DEFAULT 0,
    undo_failed text[],
    undo_error bytea,
    undo_failed_ms bigint,
    deadline_ms bigint,
    deadline_in bigint,
    key_values jsonb,           -- values of its keys, by which limits hold for it
    waiter_run uuid,            -- the step that waits for its end
    waiter_step text
) WITH (fillfactor = 70);
CREATE INDEX standings_deadline ON causeline.standings (app, deadline_ms) WHERE deadline_ms IS NOT NULL AND status = 'running';
CREATE INDEX standings_open ON causeline.standings (app, workflow, shape) WHERE status IN ('running', 'undoing');
CREATE INDEX standings_undo_failed ON causeline.standings (app, undo_failed_ms) WHERE undo_failed_ms IS NOT NULL;

-- Steps of runs: what they wait for, whether they are due, and who is at them.
CREATE TABLE causeline.steps (
    run uuid NOT NULL,
    step text COLLATE "C" NOT NULL,
    app text NOT NULL,
    workflow text NOT NULL,
    needs integer,              -- upstream steps that are open; null once it is committed
    queue smallint,             -- 0: due at due_ms; 1: waits for a cell; 2: set aside; null: not due
    lane text,                  -- that it is set aside in: an agent's name, and a line feed where steps take turns by key
    turn text,                  -- that it takes there: names of limits and values of their keys, each in a line
    due_ms bigint,              -- or the end of its lease
    token text COLLATE "C",     -- of the attempt that goes on
    attempt integer NOT NULL DEFAULT 0,
    fails integer NOT NULL DEFAULT 0,
    deaths integer NOT NULL DEFAULT 0,
    vanished integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    first_ms bigint,
    at_ms bigint NOT NULL DEFAULT 0,
    before_ms bigint NOT NULL DEFAULT 0,
    settled text,               -- how its last attempt ended, and that one's token
    took text,                  -- the item that was taken with its commit
    streamed_by integer,        -- the attempt that streamed last, and how many chunks
    streamed integer NOT NULL DEFAULT 0,
    awaited uuid,               -- the run that it waits for
    PRIMARY KEY (run, step)
) WITH (fillfactor = 70);
CREATE INDEX steps_due ON causeline.steps (app, queue, due_ms, run, step) WHERE queue IS NOT NULL;
CREATE INDEX steps_held ON causeline.steps (app, token) WHERE token IS NOT NULL;
CREATE INDEX steps_lanes ON causeline.steps (app, lane, due_ms, run, step) WHERE queue = 2;
CREATE INDEX steps_turns ON causeline.steps (app, lane, md5(turn), due_ms, run, step) WHERE queue = 2 AND turn IS NOT NULL;

-- Turns of lanes of which steps wait, in the order in which they last began something.
CREATE SEQUENCE causeline.turn_order;
CREATE TABLE causeline.turns (app text NOT NULL, lane text NOT NULL, turn text NOT NULL, place bigint NOT NULL);
CREATE UNIQUE INDEX turns_key ON causeline.turns (app, lane, md5(turn));
CREATE INDEX turns_order ON causeline.turns (app, lane, place);

-- Attempts that count for a limit, for as long as their step has that token.
CREATE TABLE causeline.permits (
    app text NOT NULL, name text NOT NULL, run uuid NOT NULL, step text COLLATE "C" NOT NULL, token text NOT NULL
);
CREATE UNIQUE INDEX permits_key ON causeline.permits (run, step, md5(name));
CREATE INDEX permits_name ON causeline.permits (app, md5(name));

-- Results of steps, written once.
CREATE TABLE causeline.results (run uuid, name text COLLATE "C", value bytea NOT NULL, PRIMARY KEY (run, name));

-- Fan-outs, by their step: how many items, how many are open, failed, and which is given out next. `grows`: the next is
-- due when one is begun, not when one is committed.
CREATE TABLE causeline.fan_outs (
    run uuid, step text COLLATE "C", count integer NOT NULL, open integer NOT NULL, failed integer NOT NULL, next integer NOT NULL,
    grows boolean NOT NULL, PRIMARY KEY (run, step)
) WITH (fillfactor = 70);

-- What attempts read with their claims: items as they were given, how many a fan-out has, what commits have noted; ~step
-- is a result that is undone.
CREATE TABLE causeline.parts (run uuid, name text COLLATE "C", value bytea NOT NULL, PRIMARY KEY (run, name));

-- Steps with an undo, begun or done and not undone, in the order of their `place`. No undo begins before `after_ms`.
CREATE TABLE causeline.undos (
    run uuid, step text COLLATE "C", place integer NOT NULL, after_ms bigint, PRIMARY KEY (run, step)
);

-- Calls that attempts have recorded.
CREATE TABLE causeline.calls (run uuid NOT NULL, step text NOT NULL, call bytea NOT NULL, record bytea NOT NULL);
CREATE UNIQUE INDEX calls_key ON causeline.calls (run, step, sha256(call));

-- What steps wait for, and the answers.
CREATE TABLE causeline.waits (
    app text NOT NULL, run uuid NOT NULL, name bytea NOT NULL, step text, since_ms bigint, ends_ms bigint, over_ms bigint,
    schema bytea, value bytea, answered_by bytea, at_ms bigint, answer text,
    node uuid,      -- step or delivery whose code sent the answer
    former text,    -- id of the answer to the round before
    asked_ms bigint -- as since_ms, while nobody has answered and the run goes on
);
CREATE INDEX waits_asked ON causeline.waits (app, asked_ms) WHERE asked_ms IS NOT NULL;
CREATE UNIQUE INDEX waits_key ON causeline.waits (run, sha256(name));

-- What runs stream; `upto` is the bytes of all up to it. The newest entry is always there.
CREATE TABLE causeline.chunks (
    run uuid, place bigint, kind text NOT NULL, step text NOT NULL, attempt integer NOT NULL, at_ms bigint NOT NULL,
    value bytea NOT NULL, upto bigint NOT NULL, PRIMARY KEY (run, place)
);

-- State that runs and apps keep.
CREATE TABLE causeline.run_state (run uuid NOT NULL, key bytea NOT NULL, value bytea NOT NULL);
CREATE UNIQUE INDEX run_state_key ON causeline.run_state (run, sha256(key));
CREATE TABLE causeline.app_state (app text NOT NULL, key bytea NOT NULL, value bytea NOT NULL);
CREATE UNIQUE INDEX app_state_key ON causeline.app_state (app, sha256(key));

-- Shapes of workflows that runs began with.
CREATE TABLE causeline.shapes (app text, digest text, shape bytea NOT NULL, PRIMARY KEY (app, digest));

-- Ends of lives that nobody has confirmed as exported; of one that is over, what it ended with.
CREATE TABLE causeline.ends (
    run uuid, life integer, app text NOT NULL, ended_ms bigint NOT NULL, status text, resumed_ms bigint, error_type bytea,
    error bytea, failed_step text, PRIMARY KEY (run, life)
);
CREATE INDEX ends_open ON causeline.ends (app, ended_ms);

-- Events that steps published, until a relay has carried them.
CREATE TABLE causeline.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, app text NOT NULL, at_ms bigint NOT NULL, envelope bytea NOT NULL,
    parent text NOT NULL, agent text NOT NULL
);
CREATE INDEX outbox_app ON causeline.outbox (app, id);

-- What was spent of limits, by the second.
CREATE TABLE causeline.spent (
    app text, name text, second bigint, calls integer NOT NULL, tokens bigint NOT NULL, PRIMARY KEY (app, name, second)
) WITH (fillfactor = 50);

-- What operators did.
CREATE TABLE causeline.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, app text NOT NULL, at_ms bigint NOT NULL, action text NOT NULL,
    run uuid, workflow text NOT NULL, operator bytea NOT NULL, step text NOT NULL, schedule text NOT NULL,
    wait bytea, way text NOT NULL DEFAULT ''
);
CREATE INDEX audit_app ON causeline.audit (app, at_ms, id);

-- Schedules, and ticks that are noted until their runs are started and told of.
CREATE TABLE causeline.schedules (
    app text, name text, workflow text NOT NULL, rule text NOT NULL, missed text NOT NULL, overlap text NOT NULL,
    next_ms bigint NOT NULL, claimed_ms bigint NOT NULL DEFAULT 0, paused_ms bigint, paused_by bytea, waiting bytea, waiting_run uuid,
    last bytea, last_ms bigint, run uuid, started integer NOT NULL DEFAULT 0, skipped integer NOT NULL DEFAULT 0,
    dropped integer NOT NULL DEFAULT 0, skipped_ms bigint, dropped_ms bigint, PRIMARY KEY (app, name)
) WITH (fillfactor = 50);
CREATE TABLE causeline.ticks (
    app text, run uuid, schedule text NOT NULL, noted_ms bigint NOT NULL, tick bytea NOT NULL, PRIMARY KEY (app, run)
);

-- Answers to calls that can't see for themselves that they were made, for a client that lost one.
CREATE TABLE causeline.asked (call uuid PRIMARY KEY, at_ms bigint NOT NULL, answer text[]);
