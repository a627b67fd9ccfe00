"""What people read: faults, hindrances, values, the nearest word."""
