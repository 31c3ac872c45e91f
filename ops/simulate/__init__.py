"""Years of the loop in minutes: real months day by day under four policies of retraining."""
