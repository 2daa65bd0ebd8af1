import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from '../rig/cli.ts'
import { alternate, resultLine, secondsOf } from './measure.ts'

// What a person waits for at each Tab: the candidates of a name, in a small and in a large project.

const ROUNDS = 15
const LAUNCHER = join(REPOSITORY, 'framework', 'bin', 'assets')

/** The numbers of assets, with the highest ratio to a bare start of Node. */
const SIZES = [
  [60, 2],
  [100_000, null],
] as const

export async function benchCompletion(print: (line: string) => void): Promise<void> {
  for (const [size, goal] of SIZES) {
    const cwd = mkdtempSync(join(tmpdir(), 'assets-completion-'))
    try {
      writeProject(cwd, size)
      const node = (...args: readonly string[]) => secondsOf(process.execPath, args, { cwd })
      // Writes the names.
      await node(LAUNCHER, 'list', 'asset_7')
      const ours = () => node(LAUNCHER, 'completion', '--words', '--', 'assets', 'why', 'asset_42')
      const compared = await alternate(ROUNDS, ours, () => node('-e', '0'))
      print(resultLine(`complete one of ${size} assets`, 'node -e 0', goal, compared))
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  }
}

/** One YAML file holds so many assets. */
const PER_FILE = 10_000

function writeProject(root: string, size: number): void {
  writeFileSync(join(root, 'assets.yaml'), 'version: 1\nproject: bench\ninclude: [part_*.yaml]\n')
  for (let from = 0; from < size; from += PER_FILE) {
    const numbers = Array.from({ length: Math.min(PER_FILE, size - from) }, (_, n) => from + n)
    const assets = numbers.map((n) => `  asset_${n}: {kind: external, path: data/${n}.csv}`)
    writeFileSync(join(root, `part_${from}.yaml`), ['assets:', ...assets, ''].join('\n'))
  }
}
