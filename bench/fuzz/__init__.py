"""Coverage-guided fuzzing: what takes in text from outside, and what must hold of the answers."""
