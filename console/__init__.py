"""The web face: the case page. Imports grid, nlp and storage; what it needs of the wire is a port that bot fills."""
