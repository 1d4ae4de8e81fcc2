"""See :mod:`tests.chaos.run`. Each process of the bot loads this file again, so it loads nothing itself."""

import sys

if __name__ == "__main__":
    from tests.chaos.run import main

    sys.exit(main())
