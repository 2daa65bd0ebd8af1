import { duckdbUnderTest } from './suites/duckdb.ts'
import { scratchContract } from './suites/scratch.ts'
import { warehouseContract } from './suites/warehouse-contract.ts'

warehouseContract('DuckDB', () => duckdbUnderTest())
scratchContract('DuckDB', () => duckdbUnderTest())
