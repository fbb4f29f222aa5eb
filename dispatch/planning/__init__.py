"""The planner: a pure package that knows problems and plans, not rows, clocks or settings.

`problem` holds what is to be planned and who could do it at what cost, `greedy` makes a plan at
once, `search` improves it with a proven bound, `repair` mends it, `explain` names the rules that
stand between, and `check` judges it without sharing code with the search.
docs/algorithms/planning.md tells why.
"""
