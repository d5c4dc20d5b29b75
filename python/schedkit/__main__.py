"""``python -m schedkit``."""

import sys

from .cli import main

sys.exit(main())
