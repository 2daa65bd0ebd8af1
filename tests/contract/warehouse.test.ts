import { duckdbUnderTest } from './suites/duckdb.ts'
import { warehouseContract } from './suites/warehouse.ts'

warehouseContract('DuckDB', duckdbUnderTest)
