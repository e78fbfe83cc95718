"""Scripts that measure integgraph, and the generator of the data they measure it on."""
