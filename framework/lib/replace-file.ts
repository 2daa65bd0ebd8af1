import { renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Writes a file under another name beside it and renames it, so that nobody ever reads a part of it. Its folder must
 * exist. Leaves nothing behind when it throws.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}`
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
