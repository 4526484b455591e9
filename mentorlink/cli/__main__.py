"""``python -m mentorlink.cli``: the command line where no script is installed."""

from mentorlink.cli import main

main()
