"""Readers of documents, one kind of file a module; each yields :class:`~integgraph.ingest.documents.lines.Lines`.

Rooms: ``lines`` (what every reader yields).
"""
