"""The front desk: rooms by floor, one room, and the wake-up sheet of a day."""
