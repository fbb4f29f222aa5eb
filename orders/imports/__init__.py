"""Tables as an office has them (CSV or XLSX) into customers, sites, workers, task types, orders."""
