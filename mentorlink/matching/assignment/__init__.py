"""The assignment of a round, with its proof. Pure: arrays in, pairs, hours and prices out."""
