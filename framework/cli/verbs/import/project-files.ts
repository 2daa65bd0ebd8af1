import { mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { replaceFile } from '../../../lib/replace-file.ts'
import { fail, ok, type Result } from '../../../model/problem.ts'

/** Texts of a project's files, changed in memory until they are written. Paths are relative to the root. */
export class ProjectFiles {
  readonly #root: string
  readonly #before = new Map<string, string | null>()
  readonly #after = new Map<string, string>()
  /** The folders that were made for files. */
  readonly #folders: string[] = []

  constructor(root: string) {
    this.#root = root
  }

  /** The text as it is now, or as it was set; null if there is no such file. */
  read(file: string): string | null {
    return this.#after.get(file) ?? this.#stored(file)
  }

  /** The text of a file that exists. */
  text(file: string): string {
    const text = this.read(file)
    if (text === null) throw new Error(`${file} is a file of the project and does not exist`)
    return text
  }

  set(file: string, text: string): void {
    this.#stored(file)
    this.#after.set(file, text)
  }

  /** The files whose text was set to another one. */
  changed(): readonly string[] {
    return [...this.#after].flatMap(([file, text]) =>
      this.#before.get(file) === text ? [] : [file],
    )
  }

  /** Writes the changed files, each one as a whole. If one can't be written, none is changed. Problem: `import-unwritable`. */
  write(): Result<void> {
    for (const file of this.changed()) {
      try {
        this.#write(file, this.#after.get(file)!)
      } catch (error) {
        this.restore()
        return fail({
          code: 'import-unwritable',
          message: `${file} can't be written: ${(error as Error).message.replaceAll(this.#root, '.')}`,
          hint: 'make it writable, or name another file: assets import dbt --to FILE',
        })
      }
    }
    return ok(undefined)
  }

  /** Gives the files the texts again that they had before. */
  restore(): void {
    for (const file of this.changed()) {
      const before = this.#before.get(file) ?? null
      try {
        if (before === null) rmSync(join(this.#root, file), { force: true })
        else if (readFileSync(join(this.#root, file), 'utf8') !== before) this.#write(file, before)
      } catch {
        // It could not be written before either.
      }
    }
    for (const folder of this.#folders.splice(0)) {
      try {
        rmdirSync(folder)
      } catch {
        // It has other files by now.
      }
    }
  }

  #stored(file: string): string | null {
    const known = this.#before.get(file)
    if (known !== undefined) return known
    let text: string | null = null
    try {
      text = readFileSync(join(this.#root, file), 'utf8')
    } catch {}
    this.#before.set(file, text)
    return text
  }

  #write(file: string, text: string): void {
    const path = join(this.#root, file)
    const made = mkdirSync(dirname(path), { recursive: true })
    if (made !== undefined) this.#folders.push(dirname(path))
    replaceFile(path, text, 0o666)
  }
}
