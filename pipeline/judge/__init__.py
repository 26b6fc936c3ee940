"""Call x Standard -> Scorecard. Costs milliseconds, opens no audio."""
