-- Whether a window holds records of some kinds, and where the latest one is that began before a horizon; and the first and
-- the last of all. Of one workflow (or channel) and step (or group) where these are not NULL. Where `of_agents` says so,
-- what may be a step of agents of others counts as well: whatever its run is called, for no column has that.
SELECT
    count(*) FILTER (WHERE start_ns >= $first_ns AND start_ns < $end_ns) AS inside,
    max(start_ns) FILTER (WHERE start_ns < $horizon_ns) AS latest_ns,
    min(start_ns) AS first_of_all_ns,
    max(start_ns) AS last_of_all_ns
FROM spans
WHERE (
    ($kinds IS NULL OR list_contains($kinds, node_kind))
    AND ($workflow IS NULL OR coalesce(workflow, channel, '') = $workflow)
    AND ($step IS NULL OR coalesce(step, consumer_group, '') = $step)
) OR (
    $of_agents AND role IN ('agent', 'workflow', 'step')
    AND ($step IS NULL OR $step IN (step, agent, workflow, name))
)
