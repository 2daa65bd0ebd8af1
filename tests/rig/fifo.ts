import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Makes a named pipe. A program that reads it waits until a test writes to it, so that a test holds a
 * command at a known place without sleeping.
 */
export async function makeFifo(path: string): Promise<void> {
  await promisify(execFile)('mkfifo', [path])
}
