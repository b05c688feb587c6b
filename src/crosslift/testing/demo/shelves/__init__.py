"""The shelves of Moru Coffee Supply: hand-written tables, one file a corner of the shop."""
