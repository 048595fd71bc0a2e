"""The law of notices: their kinds, who may make and approve them, whom they reach, how they are taken back."""
