"""Other engines beside our planner, each in a process of its own. Nothing here is part of the site.

Needs the dependency group `bench`; docs/benchmarks.md has the commands and the figures.
"""
