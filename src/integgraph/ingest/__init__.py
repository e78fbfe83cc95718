"""From documents to graphs: records, one reader per kind of document, mapping, provenance, validation."""
