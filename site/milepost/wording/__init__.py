"""What it takes to speak to a reader, on a page or in a mail: languages, amounts, colours."""
