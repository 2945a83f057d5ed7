"""Money as finance sees it: payments per day, what terminals closed, and what does not add up."""
