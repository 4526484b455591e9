"""The life of meetings, step by step, on two databases at once: the world, its steps, and what must hold after each."""
