import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from './cli.ts'

/** How a program ended, and what it printed. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The package as npm makes it, installed in a folder of its own outside the repository. */
export class PackedPackage {
  readonly #top = mkdtempSync(join(tmpdir(), 'assets-packed-'))
  /** A copy of the repository, in which `npm pack` ran. */
  readonly clone = join(this.#top, 'clone')
  /** A project without a file but npm's, in which the package is installed. */
  readonly project = join(this.#top, 'shop')
  /** The files of the package and what each holds, unpacked. */
  readonly content = join(this.#top, 'content', 'package')
  /** The packages that `npm install` needs are neither in npm's cache nor at a registry. */
  isUnreachable = false
  installed: Ended = { code: 0, stdout: '', stderr: '' }

  /** Packs a copy of the working tree, and installs the package. Throws what npm says. */
  static async make(): Promise<PackedPackage> {
    const made = new PackedPackage()
    try {
      await made.#pack()
      await made.#install()
    } catch (error) {
      made.remove()
      throw error
    }
    return made
  }

  async #pack() {
    mkdirSync(this.clone)
    for (const part of ['package.json', 'package-lock.json', 'README.md', 'LICENSE', 'framework']) {
      cpSync(join(REPOSITORY, part), join(this.clone, part), { recursive: true })
    }
    symlinkSync(join(REPOSITORY, 'node_modules'), join(this.clone, 'node_modules'))
    const { code, stderr } = await this.run(
      this.clone,
      'npm',
      'pack',
      `--pack-destination=${this.#top}`,
    )
    if (code !== 0) throw new Error(stderr)
    mkdirSync(join(this.#top, 'content'))
    await this.run(join(this.#top, 'content'), 'tar', 'xzf', this.#tarball)
  }

  get #tarball() {
    return join(this.#top, 'assets-0.1.0.tgz')
  }

  /**
   * Runs `npm install`. The versions are those of the repository, because npm's cache has their files and
   * `npm ci` left no list of versions in it.
   */
  async #install() {
    mkdirSync(this.project)
    const { packages } = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'))
    const shop = { name: 'shop', version: '1.0.0' }
    const lock: Record<string, unknown> = { '': shop }
    for (const [path, entry] of Object.entries<{ dev?: boolean }>(packages)) {
      if (path !== '' && entry.dev !== true) lock[path] = entry
    }
    this.#write('package.json', { ...shop, scripts: { build: 'assets materialize' } })
    this.#write('package-lock.json', { ...shop, lockfileVersion: 3, packages: lock })
    const options = ['--prefer-offline', '--no-audit', '--no-fund']
    this.installed = await this.run(this.project, 'npm', 'install', ...options, this.#tarball)
    const { code, stderr } = this.installed
    this.isUnreachable = code !== 0 && UNREACHABLE.test(stderr)
    if (code !== 0 && !this.isUnreachable) throw new Error(stderr)
  }

  #write(file: string, document: unknown) {
    writeFileSync(join(this.project, file), JSON.stringify(document))
  }

  /** Runs a program in a folder, with the variables of a person's shell. */
  run(folder: string, program: string, ...args: readonly string[]): Promise<Ended> {
    const options = { cwd: folder, env: shellEnvironment(), maxBuffer: 2 ** 26 }
    return new Promise((resolve) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
      })
    })
  }

  remove(): void {
    rmSync(this.#top, { recursive: true, force: true })
  }
}

/** What npm says without a network, or with a registry that does not answer. */
const UNREACHABLE = /npm error code (ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH)/

/** Without the variables that `npm test` sets for the program below it, except those about its cache and registry. */
function shellEnvironment(): Record<string, string> {
  const kept =
    /^(PATH|HOME|TMPDIR|LANG|NODE_EXTRA\w*|SSL\w*|(HTTPS?|NO)_PROXY|npm_config_(cache|registry|userconfig|globalconfig|cafile|https?_proxy|noproxy))$/i
  const all = Object.entries(process.env).filter(([name]) => kept.test(name))
  return {
    ...(Object.fromEntries(all) as Record<string, string>),
    NO_COLOR: '1',
    npm_config_update_notifier: 'false',
    // npm 12 notes each command that it runs. Warnings are shown.
    npm_config_loglevel: 'warn',
  }
}
