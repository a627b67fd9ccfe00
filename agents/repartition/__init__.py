"""Gives a stage more partitions while none of its workers runs: nothing is lost, told twice or timed anew."""
