"""The facts: records (rows, transactions) and frames (columns, scans) behind two ports."""
