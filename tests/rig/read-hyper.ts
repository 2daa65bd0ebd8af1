import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What the vendor's own driver reads in a .hyper file. Values are as Python writes them. */
export interface ReadHyper {
  readonly tables: readonly string[]
  readonly columns: readonly (readonly [name: string, type: string])[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Reads .hyper files with the vendor's driver, in the Python environment `folder`. */
export async function readHyper(
  folder: string,
  ...files: readonly string[]
): Promise<readonly ReadHyper[]> {
  const script = join(import.meta.dirname, 'read_hyper.py')
  const { stdout } = await promisify(execFile)(join(folder, 'bin/python'), [script, ...files], {
    maxBuffer: 1e9,
  })
  return JSON.parse(stdout) as ReadHyper[]
}
