"""Faust's table manager, which recovers rows from the changelog, without the second that it first sleeps."""

from __future__ import annotations

from faust.tables.manager import TableManager


class PromptTableManager(TableManager):
    """Every table is declared before the start, so there is nothing to wait for; a restart is a second quicker."""

    async def on_start(self) -> None:
        """Register the tables and start the recovery."""
        if not self.should_stop:
            await self._update_channels()
            await self.recovery.start()
