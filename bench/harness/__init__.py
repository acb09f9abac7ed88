"""What compare.sh and latency.sh are made of: peers, scenarios, measuring, tables, plots. Python's standard library only."""
