"""The test bed: the crowd, the shop, the server and the report that all benchmarks share."""
