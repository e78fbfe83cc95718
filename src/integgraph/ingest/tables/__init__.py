"""Tables of others (grants, partnerships): read, mapped row by row, kept as parts, stated in one graph a table.

``mapping`` is the language that says which column is what, ``reading`` turns any file into rows in a process of its
own, ``rows`` makes values of cells, ``importing`` writes what a build takes over, ``parts`` turns that into triples.
"""
