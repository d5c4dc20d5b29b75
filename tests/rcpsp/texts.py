"""One small project in the three formats, as text."""

from __future__ import annotations

HEADER = """\
jobs (incl. supersource/sink ):  {jobs}
RESOURCES
  - renewable                 :  {resources}   R
  - nonrenewable              :  0   N
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
"""
SM = (
    HEADER.format(jobs=3, resources=2)
    + """\
   1        1          2           2   3
   2        1          0
   3        1          0
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------
  1      1     2        1    0
  2      1     3        2    1
  3      1     1        0    1
RESOURCEAVAILABILITIES:
  R 1  R 2
    2    1
"""
)
RCP = """\
3 2
2 1
2 1 0 2 2 3
3 2 1 0
1 0 1 0
"""
JSON = """\
{"schedkit": "project", "schema_version": 1,
 "resources": [{"name": "crew", "capacity": 2}, {"name": "crane", "capacity": 1}],
 "activities": [
  {"name": "dig", "duration": 2, "demand": {"crew": 1}},
  {"name": "pour", "duration": 3, "demand": {"crew": 2, "crane": 1}, "predecessors": ["dig"]},
  {"name": "paint", "duration": 1, "demand": {"crane": 1}, "predecessors": ["dig"]}
]}
"""
TEXTS = {"sm": SM, "rcp": RCP, "json": JSON}
