"""JCC-Afspraken, through its REST API (the SOAP one is gone)."""
