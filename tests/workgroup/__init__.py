"""The work groups' wire: layouts, the AI bot's connection and its lease, the webhook."""
