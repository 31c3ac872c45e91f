"""Batch prediction: months or days of trips scored by a published model, without the stream."""
