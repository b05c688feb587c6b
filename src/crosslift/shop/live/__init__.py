"""What rules ask of people at this moment: of one in process, of everybody in columns, from the same rows."""
