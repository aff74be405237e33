"""What several screens share: the queue table, clocks, pickers, badges, and the guards of the terminal."""
