-- When the first and the last record of some kinds began, of those in a range of time; of one workflow (or channel) and step
-- (or group) where these are not NULL. Where `of_agents` says so, what may be a step of agents of others counts as well:
-- whatever its run is called, for no column has that. The ends are looked for one by one: the database begins with the
-- rows that lie there, and leaves out the others, which it can't for `min` and `max` of some rows.
WITH asked AS NOT MATERIALIZED (
    SELECT start_ns
    FROM spans
    WHERE start_ns >= $from_ns AND start_ns < $until_ns AND (
        (
            ($kinds IS NULL OR list_contains($kinds, node_kind))
            AND ($workflow IS NULL OR coalesce(workflow, channel, '') = $workflow)
            AND ($step IS NULL OR coalesce(counted_step(step, step_place), consumer_group, '') = $step)
        ) OR (
            $of_agents AND role IN ('agent', 'workflow', 'step')
            AND ($step IS NULL OR $step IN (step, agent, workflow, name))
        )
    )
)
SELECT
    --[$wants_first
    (SELECT start_ns FROM asked ORDER BY start_ns LIMIT 1) AS first_ns,
    --]
    --[$wants_last
    (SELECT start_ns FROM asked ORDER BY start_ns DESC LIMIT 1) AS last_ns,
    --]
