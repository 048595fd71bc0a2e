"""Decisions: from present rows and a command to a plan or a refusal. Pure; nothing here reads a clock, a file or a socket."""
