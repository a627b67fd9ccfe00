"""Who moves it: Faust, and nothing else. A machine per partition, its rows, its time, its configuration."""
