-- Events that were not followed by what has to follow them: by what follows nearly all events of their channel, by what
-- was missed before and has not come again (`known`), or by what a rule declares. An effect is a group that has done the
-- event, or a channel on which work that it caused has published. What usually follows is learned from the events
-- before the first that lacks it, so that an effect that ends for good is not forgotten while its absence is new.
WITH told AS (
    SELECT node_id AS event_id, any_value(channel) AS channel, any_value(service) AS service, min(start_ns) AS start_ns
    FROM spans
    WHERE node_kind = 'event' AND channel IS NOT NULL AND start_ns >= $history_ns AND start_ns < $ripe_ns
    GROUP BY node_id
),
published AS MATERIALIZED (
    FROM told QUALIFY row_number() OVER (PARTITION BY channel ORDER BY start_ns DESC, event_id) <= $most
),
received AS MATERIALIZED (
    SELECT node_id, event_id, consumer_group, end_ns, outcome
    FROM spans
    WHERE node_kind = 'delivery' AND event_id IS NOT NULL AND start_ns >= $history_ns
),
begun AS (
    SELECT DISTINCT runs.node_id AS run_id, received.event_id
    FROM spans AS runs JOIN received ON runs.causation_id = received.node_id
    WHERE runs.node_kind = 'run' AND runs.start_ns >= $history_ns
),
causes AS (
    SELECT DISTINCT node_id, event_id FROM received
    UNION
    SELECT DISTINCT steps.node_id, begun.event_id
    FROM spans AS steps JOIN begun USING (run_id)
    WHERE steps.node_kind = 'step' AND steps.start_ns >= $history_ns
),
followed AS MATERIALIZED (
    SELECT DISTINCT event_id, 'group' AS effect_kind, consumer_group AS effect, end_ns AS came_ns
    FROM received
    WHERE outcome = 'ok' AND consumer_group IS NOT NULL
    UNION
    SELECT DISTINCT causes.event_id, 'channel', effects.channel, effects.start_ns
    FROM spans AS effects JOIN causes ON causes.node_id = effects.causation_id
    WHERE effects.node_kind = 'event' AND effects.channel IS NOT NULL AND effects.start_ns >= $history_ns
),
expectations AS (
    SELECT DISTINCT channel, effect_kind, effect, false AS is_certain
    FROM published JOIN followed USING (event_id)
    WHERE $learns AND NOT (effect_kind = 'channel' AND effect = channel)
    UNION
    SELECT channel, effect_kind, effect, true FROM known_effects
),
pairs AS (
    SELECT channel, service, event_id, start_ns, effect_kind, effect, bool_or(is_certain) AS is_certain
    FROM published JOIN expectations USING (channel)
    GROUP BY ALL
),
arrivals AS (
    SELECT event_id, effect_kind, effect, min(came_ns) AS came_ns FROM followed GROUP BY ALL
),
judged AS MATERIALIZED (
    SELECT
        pairs.*,
        coalesce(came_ns <= start_ns + $within_ns, false) AS has_come,
        came_ns IS NULL
        AND (effect_kind = 'group' OR event_id NOT IN (SELECT done.event_id FROM followed AS done WHERE done.effect_kind = 'group'))
        AS is_untold -- no span says that the group, or any, has done the event
    FROM pairs LEFT JOIN arrivals USING (event_id, effect_kind, effect)
),
firsts AS (
    SELECT channel, effect_kind, effect, min(start_ns) AS first_missing_ns
    FROM judged
    WHERE NOT has_come AND start_ns >= $first_ns
    GROUP BY ALL
)
SELECT
    channel, effect_kind, effect,
    any_value(service) AS service,
    bool_or(is_certain) AS is_certain,
    count(*) FILTER (WHERE start_ns < first_missing_ns) AS before,
    count(*) FILTER (WHERE start_ns < first_missing_ns AND has_come) AS followed,
    count(*) FILTER (WHERE start_ns >= $first_ns AND NOT has_come) AS "value",
    count(*) FILTER (WHERE start_ns >= $first_ns AND NOT has_come AND is_untold) AS untold,
    arg_max(event_id, start_ns) FILTER (WHERE start_ns >= $first_ns AND NOT has_come) AS event_id
FROM judged JOIN firsts USING (channel, effect_kind, effect)
GROUP BY channel, effect_kind, effect
HAVING "value" > $threshold AND (is_certain OR (before >= $fewest AND followed >= before * $usual))
ORDER BY "value" DESC
