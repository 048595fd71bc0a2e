"""`python -m bot.cli`: the console script by another way, for those who start the service as a child process."""

from bot.cli import main

main()
