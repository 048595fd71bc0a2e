"""The official account's wire: what WeChat pushes in, and what goes out to residents through its API."""
