"""The levels of detect, upstream first."""

from __future__ import annotations

from typing import Any

from streams.telemetry.gateway_lists import GatewayLists
from tables.detect.aggregate.aggregate import AggregateBlock
from tables.detect.anomaly.model_block import ModelBlock
from tables.detect.block_key import AGGREGATE, DEPARTED, INSTANCE, MODEL, SERIES
from tables.detect.budget.state import BUDGET, BURN
from tables.detect.events.state import COMPOSITE, EVENT
from tables.detect.health.state import CanaryFlight, Gateway, Looking, Roster, canary_deadline
from tables.detect.instances.instances import StateBlock
from tables.detect.layout.known_list import KnownList, deadline
from tables.detect.past.past_block import PAST_LEVEL
from tables.detect.series.departed import DepartedBlock
from tables.detect.series.series_block import SeriesBlock
from tables.kernel.configuration import CONFIG
from tables.kernel.level import Level
from tables.kernel.machine import ALARM, HEAD

LOOKING = Level("looking", Looking)
LAYOUTS = Level("layouts", GatewayLists, deadline=deadline)
LAYOUT = Level("layout", KnownList)
GATEWAY = Level("gateway", Gateway)
ROSTER = Level("roster", Roster)
CANARY = Level("canary", CanaryFlight, canary_deadline, emits=True)
LEVELS: tuple[Level[Any], ...] = (
    HEAD, CONFIG, LOOKING, LAYOUTS, LAYOUT, GATEWAY, Level(SERIES, SeriesBlock), Level(DEPARTED, DepartedBlock),
    Level(AGGREGATE, AggregateBlock), Level(MODEL, ModelBlock), PAST_LEVEL, BUDGET, BURN,
    Level(INSTANCE, StateBlock), EVENT, COMPOSITE, ROSTER, CANARY, ALARM,
)  # fmt: skip
