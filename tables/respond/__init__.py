"""The second machine: one team's alerts in one ordered log.

Begin with `pipeline.py`: it is the path of every decision. `machine.py` says which message and which deadline takes
which way into it; the folders hold the pure steps, by level.
"""
