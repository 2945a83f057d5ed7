"""The pickup desk: a ticket's code or QR text shows the request."""
