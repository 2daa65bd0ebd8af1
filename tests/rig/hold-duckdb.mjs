// Writes to a DuckDB file and holds it open, as somebody's notebook would, until it is killed. Says so
// once it does.
import { DuckDBInstance } from '@duckdb/node-api'

const instance = await DuckDBInstance.create(process.argv[2])
const connection = await instance.connect()
await connection.run('create or replace table mine as select 1 as one')
process.send('held')
setInterval(() => instance, 1_000_000)
