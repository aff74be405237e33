"""The change feed: snapshots, pages behind a cursor, and waking those who wait for news."""
