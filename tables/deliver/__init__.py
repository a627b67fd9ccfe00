"""The third machine: what one recipient is told, in one ordered log.

Begin with `pipeline.py`: it is the path of every decision. An intent is what respond wants told; its dispatch sees that
it arrives, attempt by attempt; a thread is what a provider calls a group's message.
"""
