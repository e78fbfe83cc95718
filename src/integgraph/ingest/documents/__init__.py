"""Readers of documents, one kind of file a module; each yields :class:`~integgraph.ingest.documents.lines.Lines`.

Rooms: ``lines`` (what every reader yields), ``kinds`` (tells what a file is and hands it to its reader), ``pdf``,
``word`` (DOCX), ``sheets`` (XLSX, ODS), ``webpage`` (HTML), ``delimited`` (CSV, TSV), ``plain`` (text, Markdown),
``blocks`` (paragraphs and tables as lines), ``links`` (addresses behind links),
``archive`` (a ZIP file that may be a trap), ``decoding`` (bytes as text).

A reader takes bytes and a name, never a path or an address. It is meant to run in a process that can be stopped
(:mod:`integgraph.workers`); its own limits are there so that this is seldom needed.
"""
