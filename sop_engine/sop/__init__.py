"""What a procedure says: reading, checking and explaining SOP files. Knows no case, no database, no web."""
