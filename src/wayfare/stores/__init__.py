"""The stores room: memory that lasts."""
