// Writes to a DuckDB file and keeps it open, as a notebook does. Sends `held` to its parent once the
// file is open, and ends when it is killed or its parent ends.
import { DuckDBInstance } from '@duckdb/node-api'

const instance = await DuckDBInstance.create(process.argv[2])
const connection = await instance.connect()
await connection.run('create or replace table mine as select 1 as one')
process.send('held')
// A listener keeps the process alive until the channel to its parent closes.
process.on('message', () => instance)
