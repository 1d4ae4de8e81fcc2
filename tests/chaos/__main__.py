"""See :mod:`tests.chaos.run`. Every process of the bot imports this file again, so it imports little."""

import sys

if __name__ == "__main__":
    from tests.chaos.run import main

    sys.exit(main())
