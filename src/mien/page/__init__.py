"""What any door shows: colours, tables, the HTML frame."""
