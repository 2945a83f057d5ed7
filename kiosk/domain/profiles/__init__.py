"""A municipality's rules as data: the models of a profile, and what is checked before one is used."""
