"""The ticket printer: documents, ESC/POS bytes, the link, and a status that can be trusted."""
