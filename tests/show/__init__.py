"""Tests of pipeline.show: values in, whole files and texts out."""
