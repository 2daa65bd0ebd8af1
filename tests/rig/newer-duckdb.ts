import { closeSync, openSync, writeSync } from 'node:fs'
import { openDuckdb } from '../../framework/engines/duckdb/engine.ts'

/** Creates a DuckDB file whose header says that DuckDB v9.8.7 wrote it, with this storage version. */
export async function newerDuckdb(path: string, storageVersion: bigint): Promise<void> {
  ;(await openDuckdb(path)).close()
  const write = (at: number, bytes: Buffer) => {
    const descriptor = openSync(path, 'r+')
    writeSync(descriptor, bytes, 0, bytes.length, at)
    closeSync(descriptor)
  }
  write(12, number(storageVersion))
  write(52, Buffer.from('v9.8.7\0'))
  // DuckDB names the checksum that it expects.
  const error: unknown = await openDuckdb(path).catch((error: unknown) => error)
  const [, checksum] = /computed checksum (\d+)/.exec(String(error)) ?? []
  if (checksum === undefined) throw new Error(`DuckDB names no checksum: ${error}`)
  write(0, number(BigInt(checksum)))
}

function number(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
