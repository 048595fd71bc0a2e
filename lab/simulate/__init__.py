"""`wangge simulate`: a made town lives for weeks on a virtual clock, in one process and without a socket (docs/simulate.md)."""
