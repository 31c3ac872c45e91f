"""What each IAM role of a stack may do, as the program grants it."""
