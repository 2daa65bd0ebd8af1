import { duckdbUnderTest } from './suites/duckdb.ts'
import { scratchContract } from './suites/scratch.ts'
import { warehouseContract } from './suites/warehouse.ts'

warehouseContract('DuckDB', duckdbUnderTest)
scratchContract('DuckDB', duckdbUnderTest)
