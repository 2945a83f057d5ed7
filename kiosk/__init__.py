"""What runs on the kiosk, above the hardware."""
