"""Runs the product's processes, and prepares what they need; knows no product logic.

Its rooms: `supervisor` keeps declared processes running on one machine; `embedded` is the Kafka that comes with us;
`kafka` makes and mends what lies on any Kafka; `contextforge` installs a real gateway for a demonstration.
"""
