"""Who has which shift: the imported roster, its gaps, swaps and handovers."""
