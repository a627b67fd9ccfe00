"""The online anomaly model: rows of one series in, in the order of time; a score for each out, from those before it.

`AnomalyDetector` (detector.py) is what others import. A value becomes a signal (kind.py), is compared with a level
(level.py), a season (season.py) and everything seen before (novelty.py); each comparison is put on a scale that means
the same for every series (calibration.py), the scales are joined (surprise.py), and what only repeats is held back
(suppression.py).
"""
