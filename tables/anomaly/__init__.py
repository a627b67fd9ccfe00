"""The online anomaly model: one number at a time, strictly causal, affordable for every series.

`AnomalyDetector` (detector.py) is the door. A value becomes a signal (kind.py), is compared with a level (level.py), a
season (season.py) and everything seen before (novelty.py); each comparison is put on a scale that means the same for
every series (calibration.py), the scales are joined (surprise.py), and what only repeats is held back (suppression.py).
"""
