"""`/studio/{store}/cart-milestones`: campaigns whose rewards a cart earns while it fills."""
