"""Doors for clients people already have, a file a vendor: Amazon Personalize, Google Retail, Segment, Gorse.

Facts go in by the same intake as `/v1/collect`, questions through the one door to `decide`; only the shapes are theirs.
"""
