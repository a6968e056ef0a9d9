"""Where the client was in earlier releases, which programs of others import: it is `collector.client`."""

from collector.client import ApiError as ApiError
from collector.client import CollectorBusy as CollectorBusy
from collector.client import CollectorClient as CollectorClient
from collector.client import CollectorUnavailable as CollectorUnavailable
