"""Widgets: state in, messages out; they never query, open or wait."""
