"""What rules read of series: windows, groups, and the rules made ready for them."""
