"""The shapes that the collector's API answers with, and what it accepts.

Other programs rely on them: fields may join, none leave or change their meaning. Times are UTC; durations say their
unit in their name. An id is a UUID in text unless it says otherwise. An answer has a few megabytes at most: a longer
text ends in a mark that says how long the whole is, and `?full=` with the text's place in the answer (a JSON pointer,
RFC 6901, such as `/nested/0/attributes/gen_ai.input.messages`) gives that one whole.
"""

from collector.models.access import AccessAnswer as AccessAnswer
from collector.models.alerts import Alert as Alert
from collector.models.alerts import AlertList as AlertList
from collector.models.alerts import AlertRule as AlertRule
from collector.models.alerts import RuleState as RuleState
from collector.models.alerts import Silence as Silence
from collector.models.alerts import SilenceRequest as SilenceRequest
from collector.models.alerts import UnsilenceRequest as UnsilenceRequest
from collector.models.alerts import WebhookState as WebhookState
from collector.models.base import API_VERSION as API_VERSION
from collector.models.base import ErrorAnswer as ErrorAnswer
from collector.models.base import ErrorBody as ErrorBody
from collector.models.base import Item as Item
from collector.models.base import Model as Model
from collector.models.base import NodeStatus as NodeStatus
from collector.models.base import Page as Page
from collector.models.base import Window as Window
from collector.models.causality import Attempt as Attempt
from collector.models.causality import AttemptBar as AttemptBar
from collector.models.causality import CausalGraph as CausalGraph
from collector.models.causality import Edge as Edge
from collector.models.causality import Evaluation as Evaluation
from collector.models.causality import Hole as Hole
from collector.models.causality import Node as Node
from collector.models.causality import NodeDetail as NodeDetail
from collector.models.causality import SpanBrief as SpanBrief
from collector.models.channels import BusState as BusState
from collector.models.channels import ChannelBacklog as ChannelBacklog
from collector.models.channels import ChannelList as ChannelList
from collector.models.channels import GroupBacklog as GroupBacklog
from collector.models.channels import Ledger as Ledger
from collector.models.channels import LedgerRow as LedgerRow
from collector.models.channels import RetiredGroup as RetiredGroup
from collector.models.channels import RetireRequest as RetireRequest
from collector.models.dead_letters import AttemptError as AttemptError
from collector.models.dead_letters import AuditEntry as AuditEntry
from collector.models.dead_letters import DeadLetter as DeadLetter
from collector.models.dead_letters import DeadLetterDetail as DeadLetterDetail
from collector.models.dead_letters import DeadLetterGroup as DeadLetterGroup
from collector.models.dead_letters import DeadLetterState as DeadLetterState
from collector.models.dead_letters import DeadLetterSummary as DeadLetterSummary
from collector.models.dead_letters import DiscardRequest as DiscardRequest
from collector.models.dead_letters import ReplayRequest as ReplayRequest
from collector.models.dead_letters import Settlement as Settlement
from collector.models.dead_letters import SettlementAnswer as SettlementAnswer
from collector.models.events import DeliveryBrief as DeliveryBrief
from collector.models.events import Event as Event
from collector.models.events import EventDetail as EventDetail
from collector.models.events import EventPage as EventPage
from collector.models.events import EventStanding as EventStanding
from collector.models.exchange import ImportAnswer as ImportAnswer
from collector.models.logs import LogExcerpt as LogExcerpt
from collector.models.logs import LogPage as LogPage
from collector.models.logs import LogRecord as LogRecord
from collector.models.logs import SeverityName as SeverityName
from collector.models.model_calls import ModelFigures as ModelFigures
from collector.models.overview import ActivityPoint as ActivityPoint
from collector.models.overview import Health as Health
from collector.models.overview import Overview as Overview
from collector.models.overview import Problem as Problem
from collector.models.overview import ServiceFigures as ServiceFigures
from collector.models.overview import Severity as Severity
from collector.models.overview import Totals as Totals
from collector.models.runs import Run as Run
from collector.models.runs import RunAnswer as RunAnswer
from collector.models.runs import RunDetail as RunDetail
from collector.models.runs import RunLife as RunLife
from collector.models.runs import RunOnServer as RunOnServer
from collector.models.runs import RunPage as RunPage
from collector.models.runs import RunRequest as RunRequest
from collector.models.runs import RunStep as RunStep
from collector.models.search import Named as Named
from collector.models.search import SearchAnswer as SearchAnswer
from collector.models.search import Searched as Searched
from collector.models.steps import Accuracy as Accuracy
from collector.models.steps import Latency as Latency
from collector.models.steps import LatencyBin as LatencyBin
from collector.models.steps import ScoreFigures as ScoreFigures
from collector.models.steps import StepDetail as StepDetail
from collector.models.steps import StepFigures as StepFigures
from collector.models.steps import StepList as StepList
from collector.models.steps import StepPoint as StepPoint
from collector.models.storage import Cleaned as Cleaned
from collector.models.storage import RetentionLimits as RetentionLimits
from collector.models.storage import Storage as Storage
from collector.models.traces import Span as Span
from collector.models.traces import SpanEvent as SpanEvent
from collector.models.traces import SpanLink as SpanLink
from collector.models.traces import Trace as Trace
from collector.models.traces import TraceBrief as TraceBrief
from collector.models.traces import TracePage as TracePage
from collector.models.workers import AppBacklog as AppBacklog
from collector.models.workers import WaitingStep as WaitingStep
from collector.models.workers import Worker as Worker
from collector.models.workers import WorkerList as WorkerList

# Re-exported: whoever reads these shapes needs the words they are made of, and nothing else of the runtime.
from runtime.semconv import Coordination as Coordination
from runtime.semconv import Evidence as Evidence
from runtime.semconv import NodeKind as NodeKind
