"""Working time: the production calendar, terms and clocks, periods and schedules."""
