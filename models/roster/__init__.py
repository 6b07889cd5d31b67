"""The imported roster, its gaps, swaps and handovers."""
