"""Reports that the server makes: at once for a person, and by schedule into a folder and into the mail."""
