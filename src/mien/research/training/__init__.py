"""The one trainer; it knows no system by name."""
