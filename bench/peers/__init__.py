"""Other programs that an operator might use instead: installed on demand, given data of the same size."""
