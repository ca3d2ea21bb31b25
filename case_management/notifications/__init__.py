"""Who is told what: the ledger is written with the fact, delivery follows after commit."""
