"""The first machine: one gateway's telemetry in, in one ordered log; verdicts out.

Effects flow down the levels, in the order of `levels.py`: the entry of a gateway (`health`), series, windows
(`aggregate`), models (`anomaly`), what windows held earlier (`past`), budgets, instances, rules about events and about
rules. `machine.py` says which handler a message has; what follows from a verdict is said by `verdicts` and `events`.
"""
