"""`hotline report`: the figures of a day, month or quarter."""
