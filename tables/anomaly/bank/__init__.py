"""The models of many series at once, column by column: the same numbers as `AnomalyDetector` gives one by one."""
