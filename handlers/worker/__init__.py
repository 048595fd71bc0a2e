"""What grid workers can say to the bot, in their groups and in single chat: one file for each thing, `desk` lists them."""

from handlers.worker.desk import hear_worker

__all__ = ["hear_worker"]
