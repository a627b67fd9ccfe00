"""Moves the machines: Faust, and nothing else. A worker runs one machine for each partition that it is assigned.

Its rooms, each of which imports only those after it:
`worker` starts, watches and ends a worker; `repartition` gives a stage more partitions while none runs;
`inputs` puts ticks and configuration into the logs of its partitions;
`partition` is one partition while it is owned: acquired, applied, written out; `consumer` is Faust's consumer with our
commits, and how it joins the group; `clients` are the other clients of Kafka.
"""
