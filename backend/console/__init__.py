"""The frame of the staff's pages: navigation by role, words, paging."""
