"""What a kiosk can say of itself: its machine, its devices, its screen, its last start. Looked at, never changed."""
