"""The fleet under watch: heartbeats, figures, alerts, paper, orders."""
