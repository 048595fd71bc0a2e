"""The pretend platforms: a WeChat official account and WeCom, with phones and groups to drive them.

Imports nothing of the other rooms, so that one side cannot hide the other's mistake.
"""
