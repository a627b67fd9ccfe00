"""What a browser is shown: the live list of alerts, and the pages on which all else is seen and changed."""
