"""What people said of alerts of anomaly rules: that what a model found was none."""

from __future__ import annotations

from streams.documents.dismissal import Dismissal
from streams.documents.document import Owned
from tables.detect.anomaly.anomaly_targets import heard
from tables.detect.context import Context
from tables.detect.instances import instances
from tables.detect.levels import GATEWAY


def dismiss(context: Context, before: Owned | None, after: Owned | None) -> None:
    """A dismissal came, changed or went: only the instances that it is about are looked at anew."""
    for dismissal, there in ((before, False), (after, True)):
        if isinstance(dismissal, Dismissal):
            others = [
                other for other in context.dismissed.get(dismissal.instance, ()) if other.id != dismissal.id
            ]
            context.dismissed[dismissal.instance] = [*others, dismissal] if there else others
            _reconsider(context, dismissal.instance)


def _reconsider(context: Context, instance: str) -> None:
    name, rule, key = instance.split("|", 2)
    index, plan, compiled = (
        context.indexes.get(name),
        context.plans.get(name),
        context.compiled_rules.get(rule),
    )
    if index is None or plan is None or compiled is None or (number := index.states.get((rule, key))) is None:
        return
    block, slot = divmod(number, instances.SIZE)
    known = plan.subjects.get(block)
    if known is not None and slot in known.of:
        instants = heard(context.dismissed[instance], compiled, key, context.rows[GATEWAY.key(name)].value)
        known.of[slot] = known.of[slot]._replace(dismissed=instants)
