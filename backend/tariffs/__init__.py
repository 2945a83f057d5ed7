"""A municipality's rules, as the console shows them: tariffs, what to bring, and what a kiosk will say."""
