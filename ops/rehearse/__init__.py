"""What the instances or the Fargate tasks run, on this machine: in real containers, or as processes."""

TIERS = ("micro", "learning", "standard")  # production runs every task of Airflow on Fargate
