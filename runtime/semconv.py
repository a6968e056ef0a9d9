"""The vocabulary: every span name and attribute that Causeline writes or reads, with its closed sets of values.

Names are OpenTelemetry's wherever OpenTelemetry has one (messaging, gen_ai, error; semantic conventions 1.44);
`causeline.*` holds only what has no standard name. Data on disk depends on these strings: they may grow, never change.
This module imports nothing of ours but those sets, so that producers and readers can share it.
"""

from typing import Final

from runtime.vocabulary import CallOutcome as CallOutcome
from runtime.vocabulary import Coordination as Coordination
from runtime.vocabulary import DeadLetterReason as DeadLetterReason
from runtime.vocabulary import DeliveryOutcome as DeliveryOutcome
from runtime.vocabulary import Evidence as Evidence
from runtime.vocabulary import InboxState as InboxState
from runtime.vocabulary import NodeKind as NodeKind
from runtime.vocabulary import RunOutcome as RunOutcome
from runtime.vocabulary import ShadowVerdict as ShadowVerdict
from runtime.vocabulary import SpanVerb as SpanVerb
from runtime.vocabulary import StepOutcome as StepOutcome
from runtime.vocabulary import TickKind as TickKind
from runtime.vocabulary import span_name as span_name

SCHEMA_VERSION: Final = 1
"""Version of this vocabulary, written as the instrumentation scope's version."""

SCOPE: Final = "causeline"
"""Name of the instrumentation scope of every span that the runtime makes."""

MESSAGING_SYSTEM_NAME: Final = "causeline"
"""Value of `messaging.system` for our own bus."""

# --- identity, on every span -----------------------------------------------------------------------------------------

NODE_ID: Final = "causeline.node.id"
"""UUID of the causal node that this span is a record of; attempts of one node share it."""

NODE_KIND: Final = "causeline.node.kind"
"""One of `NodeKind`."""

CAUSATION_ID: Final = "causeline.causation.id"
"""UUID of the node that directly caused this one; absent where nothing did."""

CORRELATION_ID: Final = "causeline.correlation.id"
"""UUID shared by everything that stems from one outside trigger."""

CAUSES: Final = "causeline.causes"
"""String array of node ids: the upstream steps of a step, and the steps and deliveries that answered what it waited
for; in front of these the run, where it has no upstream steps."""

SUBJECT: Final = "cloudevents.event_subject"
"""What the work is about, in its owner's words, such as a shipment's number; travels from a run to its events."""

AGENT: Final = "gen_ai.agent.name"
"""Who acted: the declared agent, else the step's or the group's name. A lane of the space-time picture."""

ATTEMPT: Final = "causeline.attempt"
"""Which try at the node this span is; 1-based, within its round."""

OUTCOME: Final = "causeline.outcome"
"""How the attempt or run ended: one of `StepOutcome`, `DeliveryOutcome` or `RunOutcome`. On a recorded call whose
function was not called one of `CallOutcome`; absent on one that was."""

ERROR_TYPE: Final = "error.type"
"""Class name of what went wrong; only on failure."""

PENDING: Final = "causeline.pending"
"""True on a marker for work that is still going on; its parent span is the work."""

SAMPLED: Final = "causeline.sampled"
"""False on a dead letter, replay or discard whose correlation is not sampled: what led to it is not told."""

DROPPED_SPANS: Final = "causeline.telemetry.dropped_spans"
"""On the resource: spans that this process had to drop before this export; absent where there are none."""

# --- runs and steps --------------------------------------------------------------------------------------------------

WORKFLOW: Final = "gen_ai.workflow.name"
"""Name of the workflow."""

OPERATION: Final = "gen_ai.operation.name"
"""`invoke_workflow` on the span of a whole run, `execute_tool` on that of a recorded call."""

RUN_ID: Final = "causeline.run.id"
"""UUID of the run."""

VERSION: Final = "causeline.run.version"
"""Version of the app that accepted the run; absent where its author names none."""

INPUT_KEYS: Final = "causeline.run.input_keys"
"""String array: names of the run's inputs."""

STEP: Final = "causeline.step.name"
"""Name of the step; on the end of a run that failed, of the step that failed it."""

PLACE: Final = "causeline.step.place"
"""What tells apart the nodes of one step in a run: `#2` for a loop's second round, `[3]` for the fourth item of a
fan-out, `#2[3]` for both, each after `~` for an undo; absent for its first place. On the end of a run that failed, that
of the step that failed it."""

DEPTH: Final = "causeline.step.depth"
"""Steps on the longest path from the run's start to this step, itself included; 1-based."""

KEYS_READ: Final = "causeline.keys.read"
"""String array: state keys that the attempt was given or asked for."""

KEY_SIZES: Final = "causeline.keys.sizes"
"""Integer array: bytes of JSON of each of the keys read, in the same order."""

KEYS_UNUSED: Final = "causeline.keys.unused"
"""String array: keys that the step asks for and has not used: parameters that its code never mentions, and names in its
`reads=` that the attempt has not read. Absent where there are none, or the attempt failed."""

KEYS_WRITTEN: Final = "causeline.keys.written"
"""String array: state keys that the attempt wrote."""

CONTEXT_SIZE: Final = "causeline.context.size"
"""Bytes of JSON of all inputs that the attempt was given."""

INBOX: Final = "causeline.inbox"
"""What became of what a handler wrote to a database of its own: `InboxState`; absent where it has none there."""

SHADOW_OF: Final = "causeline.shadow.step"
"""Name of the step beside which a handler ran, without effect, to be compared with it; absent on other deliveries."""

SHADOW_VERDICT: Final = "causeline.shadow.verdict"
"""How it went: one of `ShadowVerdict`."""

SHADOW_DIFFERENCES: Final = "causeline.shadow.differences"
"""String array: fields in which its result and the step's differ."""

SHADOW_WITHHELD: Final = "causeline.shadow.withheld"
"""String array: what it would have done, such as `publish receipt_sent`."""

INPUT: Final = "causeline.input"
"""JSON object: what an attempt at a step was given, by key; redacted, 8 KiB at most; absent when turned off. A handler
is given its event's payload, which is told there."""

RESULT: Final = "causeline.result"
"""JSON text of what an attempt returned, redacted, 8 KiB at most; absent where it returned nothing, or when turned off.
OpenTelemetry has no name for it: `gen_ai.task.*` was proposed, and is not in its conventions."""

TOOL_NAME: Final = "gen_ai.tool.name"
"""Name of a recorded call within a step."""

TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
"""JSON object: what a recorded call was given, by parameter; redacted, 8 KiB at most; absent when turned off."""

TOOL_RESULT: Final = "gen_ai.tool.call.result"
"""JSON text of what a recorded call returned, redacted, 8 KiB at most; absent when turned off."""

INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
"""What a recorded call has used, where its author says: tokens that went in."""

OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
"""The same of those that came out."""

TOTAL_TOKENS: Final = "gen_ai.usage.total_tokens"
"""The same of all of them, where the two are not told apart. No convention has it; OpenLLMetry does."""

COST: Final = "gen_ai.usage.cost"
"""US dollars that a recorded call has cost, where its author says. No convention has it; OpenLIT and LangSmith do."""

MODEL: Final = "gen_ai.request.model"
"""The model whose tokens they are; absent where nobody says."""

CALL_KEY: Final = "causeline.call.key"
"""What tells apart recorded calls of one name within a step; absent where it has none."""

CALL_TRIES: Final = "causeline.call.tries"
"""How often a recorded call was tried in this attempt; 0 where its result came from the record."""

CALL_PARKED: Final = "causeline.call.parked"
"""What a recorded call that is parked needs of a budget, and what was left, in words; absent otherwise."""

STREAM_CHUNKS: Final = "causeline.stream.chunks"
"""How many chunks an attempt at a step streamed; absent where it streamed nothing."""

STREAM_LOST: Final = "causeline.stream.lost"
"""How many of these were dropped, because the server did not take them in time; absent where none were."""

BREAKER: Final = "causeline.breaker.name"
"""Name of the circuit breaker that guards the work, or of the one that was open."""

BREAKER_WHY: Final = "causeline.breaker.why"
"""Why a breaker was open, in words."""

BREAKER_PROBES: Final = "causeline.breaker.failed_probes"
"""How many probes of a breaker failed before it closed."""

DEFERRED: Final = "causeline.deferred.count"
"""How often the attempt was deferred before it began, because its breaker was open; absent where it never was."""

DEFERRED_SINCE: Final = "causeline.deferred.since"
"""When it was deferred first; RFC 3339, UTC."""

DEFERRED_UNTIL: Final = "causeline.deferred.until"
"""Until when it was deferred last; RFC 3339, UTC. It begins before where the breaker was closed by hand."""

# --- schedules -------------------------------------------------------------------------------------------------------

SCHEDULE: Final = "causeline.schedule.name"
"""Name of the schedule whose tick started a run."""

TICK_TIME: Final = "causeline.schedule.tick"
"""When the tick was due, by its rule; RFC 3339, UTC. Of one by hand when that was said."""

TICK_KIND: Final = "causeline.schedule.tick_kind"
"""One of `TickKind`."""

# --- channels, events, deliveries ------------------------------------------------------------------------------------

MESSAGING_SYSTEM: Final = "messaging.system"
"""`MESSAGING_SYSTEM_NAME` on spans of our bus; on those of the bridge to another broker that one's name."""

MESSAGING_OPERATION_NAME: Final = "messaging.operation.name"
"""`publish`, `process`, `dead_letter`, `replay` or `discard`; at another broker `send` or `receive`."""

MESSAGING_OPERATION_TYPE: Final = "messaging.operation.type"
"""`send`, `process`, `settle` or `receive`."""

CHANNEL: Final = "messaging.destination.name"
"""Name of the channel; of RabbitMQ the exchange, the routing key and, of what comes from it, the queue, by colons."""

ROUTING_KEY: Final = "messaging.rabbitmq.destination.routing_key"
"""Routing key of a message of RabbitMQ's."""

SERVER_ADDRESS: Final = "server.address"
"""Host of the broker that a message was sent to or taken from; absent for our own bus."""

SERVER_PORT: Final = "server.port"
"""Port of that broker."""

GROUP: Final = "messaging.consumer.group.name"
"""Name of the consumer group."""

EVENT_ID: Final = "messaging.message.id"
"""UUID of the event."""

FOREIGN_EVENT_ID: Final = "cloudevents.event_id"
"""The CloudEvents `id` of an event that others published; read only, ours are told by `EVENT_ID`."""

EVENT_SOURCE: Final = "cloudevents.event_source"
"""The CloudEvents `source` of the event."""

PAYLOAD: Final = "causeline.event.payload"
"""JSON text of the event's data, redacted, cut at 8 KiB; absent when turned off."""

PAYLOAD_SIZE: Final = "messaging.message.body.size"
"""Bytes of the event's data as JSON."""

ROUND: Final = "causeline.round"
"""0 for the first delivery of an event to a group, one more with each replay."""

# --- dead letters, replays, discards ---------------------------------------------------------------------------------

REASON: Final = "causeline.dead_letter.reason"
"""Why a delivery gave up: one of `DeadLetterReason`. On a discard: the operator's words."""

ATTEMPTS: Final = "causeline.dead_letter.attempts"
"""How many attempts the delivery had in its round."""

DEAD_LETTER_ID: Final = "causeline.dead_letter.id"
"""UUID of the dead letter that was replayed or discarded."""

OPERATOR: Final = "causeline.operator"
"""Who replayed or discarded, had a schedule tick, or closed a breaker."""

# --- waits, evaluations ----------------------------------------------------------------------------------------------

WAIT_EVENT: Final = "causeline.wait"
"""Name of the event, on the span of an attempt at a step, that tells how a wait of the step ended, and when: before
the attempt, where an earlier one waited."""

WAIT_NAME: Final = "causeline.wait.name"
"""What was waited for."""

WAIT_KEY: Final = "causeline.wait.key"
"""What tells apart waits of one name within a run; absent where it has none."""

ANSWERED_BY: Final = "causeline.wait.answered_by"
"""Who answered: a person, or the app whose code did; absent where nobody did in time."""

ANSWERED_BY_NODE: Final = "causeline.wait.answered_by_node"
"""UUID of the step or delivery whose code sent the answer, which `CAUSES` lists, too; absent where none did."""

EVALUATION_EVENT: Final = "gen_ai.evaluation.result"
"""Name of the event (on the scored span, or a log record) that carries a score."""

EVALUATION_NAME: Final = "gen_ai.evaluation.name"
"""What was judged; `correct` unless said otherwise."""

EVALUATION_SCORE: Final = "gen_ai.evaluation.score.value"
"""The score as a double; 0 to 1, where 1 is right."""

EVALUATION_LABEL: Final = "gen_ai.evaluation.score.label"
"""`pass` (score of at least 0.5) or `fail`, unless the scorer has words of its own."""

EVALUATION_EXPLANATION: Final = "gen_ai.evaluation.explanation"
"""Why the score is what it is, for people."""
