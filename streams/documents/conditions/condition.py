"""Conditions: what a rule looks at, and from which value on that is wrong."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from streams.documents.conditions.anomaly import SCORE, check_scores
from streams.documents.conditions.condition_fields import ConditionFields, levels
from streams.documents.conditions.condition_input import FUNCTIONS, check_span, of_samples
from streams.documents.conditions.event_condition import DISTINCT
from streams.documents.conditions.threshold import BANDS, THRESHOLDS
from streams.errors import Refused

KINDS = (*FUNCTIONS, "quantile", "ratio", "burn_rate", "anomaly", "event", "composite", "unreachable")


class Condition(ConditionFields):
    """What is wrong: exactly one of `KINDS`, and what fits it."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        kinds = [name for name in KINDS if getattr(self, name) is not None]
        if len(kinds) != 1:
            named = ", ".join(kinds) or "none"
            raise ValueError(f"say exactly one of {', '.join(KINDS[:-1])} or unreachable, not {named}")
        if self.strangers():
            raise ValueError(f"`{self.strangers()[0]}` belongs to a condition `anomaly`; leave it out")
        if self.event is not None:
            self._of_events()
        elif self.composite is not None:
            self._of_rules()
        else:
            self._of_series(kinds[0])
        return self

    def _of_series(self, kind: str) -> None:
        """Whether the fields of a condition of series fit each other."""
        if fields := self.event_fields():
            raise ValueError(f"`{fields[0]}` belongs to a condition `event`; leave it out")
        check_span(kind, self.over)
        self.check_compared(kind, self.over, self.reaches)
        self.check_burn(kind)
        self.check_recording("compared_to" if self.compared_to else kind)
        scored = self._scored if self.anomaly is not None else self._ordered
        self._bare(kind) if kind in ("unreachable", "burn_rate") else scored()
        if self.by is not None and (kind == "stddev" or of_samples(self.quantile)):
            raise ValueError(f"`{kind}` looks at each series by itself; leave out `by`")
        if self.at_least and (self.fraction is None or kind == "burn_rate"):
            raise ValueError("`at_least` bounds the denominator of a `ratio`; leave it out")
        if self.at_least < 0:
            raise ValueError(f"`at_least` is a number of calls, not {self.at_least:g}")
        self._readable(kind)

    def _of_events(self) -> None:
        """Whether a condition `event` says nothing that is said of series."""
        others = [name for name in THRESHOLDS if name not in ("above", "at_or_above")]
        series = (*others, "recover", "reaches", "at_least", "missing", "missed", "unit")
        if odd := [name for name in series if getattr(self, name) != Condition.model_fields[name].default]:
            raise ValueError(f"`{odd[0]}` is said of series, not of an `event`; leave it out")
        self.check_compared("event", self.over, None)
        self.check_recording("event")
        self.check_events(self.comparison is not None, self.over)
        if self.comparison is not None:
            self._ordered()
        limits, _, _ = levels(self, "warning")
        if self.distinct is not None and max(limits.values()) >= DISTINCT:
            raise ValueError(f"`{self.comparison}`: at most {DISTINCT} distinct values are counted; say less")

    def _of_rules(self) -> None:
        """Whether a condition `composite` says nothing that is said of series or events."""
        own = {"composite", "by", "missing"}
        if odd := [
            name
            for name, of in Condition.model_fields.items()
            if name not in own and getattr(self, name) != of.default
        ]:
            raise ValueError(f"`{odd[0]}` is said of series or events, not of a `composite`; leave it out")
        self.check_composite()

    def _readable(self, kind: str) -> None:
        """Whether the metrics can be read; ValueError names the field they stand in."""
        try:
            self.inputs()
        except Refused as why:
            named = "" if f"`{kind}`" in str(why) else f"`{kind}`: "
            narrow = "/" in (self.anomaly or "").partition("{")[0] and self.fraction is None
            of = "; a ratio has spaces around its stroke" if narrow else ""
            raise ValueError(f"{named}{why}{of}") from None

    def _bare(self, kind: str) -> None:
        superfluous = [
            name for name in (*THRESHOLDS, "recover", "reaches") if getattr(self, name) is not None
        ]
        if superfluous:
            raise ValueError(f"`{kind}` says by itself what is wrong; leave out `{superfluous[0]}`")

    def _scored(self) -> None:
        """Thresholds of an anomaly are scores, and it needs none."""
        if odd := [name for name in THRESHOLDS if getattr(self, name) is not None and name != "above"]:
            raise ValueError(
                f"an `anomaly` is judged by its score: leave out `{odd[0]}`, say `direction: down`"
            )
        limits, back, sign = levels(self, "warning")
        self.check_steps(self.above if self.above is not None else SCORE, limits, back, sign)
        check_scores(limits, back)
        if self.kind == "counter" and self.fraction is not None:
            raise ValueError(
                "`kind`: a ratio of counters is no counter; leave it out, or say errors or latency"
            )

    def _ordered(self) -> None:
        names = [name for name in THRESHOLDS if getattr(self, name) is not None]
        if self.record is not None and not names and self.recover is None and self.reaches is None:
            return  # it only records
        if len(names) != 1:
            others = ", ".join(f"`{name}`" for name in THRESHOLDS[2:])
            raise ValueError(f"say exactly one of `above` and `below` (or of {others})")
        if names[0] in BANDS:
            self.check_bands()
            return
        limits, back, sign = levels(self, "warning")
        self.check_steps(getattr(self, names[0]), limits, back, sign)
        if self.reaches is not None and any(sign * self.reaches <= sign * limit for limit in limits.values()):
            raise ValueError(f"`reaches` lies beyond every threshold: beyond those of `{names[0]}`")
