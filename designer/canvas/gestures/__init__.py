"""What the hand does on the sheet: one object per gesture, from press to release."""
