"""What the kiosks recorded, and what it means: visits, requests, payments, open cases."""
