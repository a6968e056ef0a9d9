"""The shapes that the collector's API answers with, and what it accepts.

Other programs rely on them: fields may join, none leave or change their meaning. Times are UTC; durations say their
unit in their name. An id is a UUID in text unless it says otherwise.
"""

from collector.api.models.base import ErrorAnswer as ErrorAnswer
from collector.api.models.base import ErrorBody as ErrorBody
from collector.api.models.base import Item as Item
from collector.api.models.base import Model as Model
from collector.api.models.base import NodeStatus as NodeStatus
from collector.api.models.base import Page as Page
from collector.api.models.base import Window as Window
from collector.api.models.causality import Attempt as Attempt
from collector.api.models.causality import AttemptBar as AttemptBar
from collector.api.models.causality import CausalGraph as CausalGraph
from collector.api.models.causality import Edge as Edge
from collector.api.models.causality import Evaluation as Evaluation
from collector.api.models.causality import Hole as Hole
from collector.api.models.causality import Node as Node
from collector.api.models.causality import NodeDetail as NodeDetail
from collector.api.models.causality import SpanBrief as SpanBrief
from collector.api.models.channels import BusState as BusState
from collector.api.models.channels import ChannelBacklog as ChannelBacklog
from collector.api.models.channels import ChannelList as ChannelList
from collector.api.models.channels import GroupBacklog as GroupBacklog
from collector.api.models.channels import Ledger as Ledger
from collector.api.models.channels import LedgerRow as LedgerRow
from collector.api.models.dead_letters import AttemptError as AttemptError
from collector.api.models.dead_letters import AuditEntry as AuditEntry
from collector.api.models.dead_letters import DeadLetter as DeadLetter
from collector.api.models.dead_letters import DeadLetterDetail as DeadLetterDetail
from collector.api.models.dead_letters import DeadLetterGroup as DeadLetterGroup
from collector.api.models.dead_letters import DeadLetterState as DeadLetterState
from collector.api.models.dead_letters import DeadLetterSummary as DeadLetterSummary
from collector.api.models.dead_letters import DiscardRequest as DiscardRequest
from collector.api.models.dead_letters import ReplayRequest as ReplayRequest
from collector.api.models.dead_letters import Settlement as Settlement
from collector.api.models.dead_letters import SettlementAnswer as SettlementAnswer
from collector.api.models.events import DeliveryBrief as DeliveryBrief
from collector.api.models.events import Event as Event
from collector.api.models.events import EventDetail as EventDetail
from collector.api.models.events import EventPage as EventPage
from collector.api.models.overview import ActivityPoint as ActivityPoint
from collector.api.models.overview import Health as Health
from collector.api.models.overview import Overview as Overview
from collector.api.models.overview import Problem as Problem
from collector.api.models.overview import Severity as Severity
from collector.api.models.overview import Totals as Totals
from collector.api.models.runs import Run as Run
from collector.api.models.runs import RunDetail as RunDetail
from collector.api.models.runs import RunPage as RunPage
from collector.api.models.runs import RunStep as RunStep
from collector.api.models.steps import Accuracy as Accuracy
from collector.api.models.steps import Latency as Latency
from collector.api.models.steps import LatencyBin as LatencyBin
from collector.api.models.steps import StepDetail as StepDetail
from collector.api.models.steps import StepFigures as StepFigures
from collector.api.models.steps import StepList as StepList
from collector.api.models.steps import StepPoint as StepPoint
from collector.api.models.traces import Span as Span
from collector.api.models.traces import SpanEvent as SpanEvent
from collector.api.models.traces import SpanLink as SpanLink
from collector.api.models.traces import Trace as Trace

# Re-exported: whoever reads these shapes needs the words they are made of, and nothing else of the runtime.
from runtime.semconv import Coordination as Coordination
from runtime.semconv import Evidence as Evidence
from runtime.semconv import NodeKind as NodeKind
