"""A chat that answers by rules and word lists, from catalog, relations, pages and questions the shop wrote down.

No language model: the same question gets the same answer, offline, and says how sure it is and where it is from.
"""
