import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { REPOSITORY } from '../rig/cli.ts'
import { alternate, resultLine, secondsOf } from './measure.ts'

// The overhead of a step. `assets materialize` builds 1,000 `touch` commands with nothing built
// yet, including start-up, journal and records. Compared with a bare Node loop that starts the same
// programs, and with ninja and make if they are installed.

const STEPS = 1_000
const PARALLEL = 2
const ROUNDS = 3
const BUNDLE = join(REPOSITORY, 'dist', 'main.js')

const names = Array.from({ length: STEPS }, (_, n) => `step_${n}`)
const output = (name: string) => `out/${name}`

/** A Node script that starts the same programs with the same parallelism and does nothing else. */
const LOOP = `
import { spawn } from 'node:child_process'
const files = ${JSON.stringify(names.map(output))}
const next = () => {
  const file = files.pop()
  if (file !== undefined) spawn('touch', [file]).on('close', next)
}
for (let n = 0; n < ${PARALLEL}; n++) next()
`

export async function benchCommands(print: (line: string) => void): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'assets-commands-'))
  try {
    writeProject(root)
    const ours = () =>
      fresh(
        root,
        ['.assets/state.sqlite', '.assets/state.sqlite-wal', '.assets/state.sqlite-shm'],
        {
          command: process.execPath,
          args: [BUNDLE, 'materialize', '--threads', String(PARALLEL)],
        },
      )
    await ours()
    const bare = () => fresh(root, [], { command: process.execPath, args: ['loop.mjs'] })
    const compared = await alternate(ROUNDS, ours, bare)
    print(resultLine(`build ${STEPS} commands`, 'bare spawn', 1.5, compared))
    for (const [peer, args, state] of [
      ['ninja', ['-j', String(PARALLEL), '--quiet'], ['.ninja_log', '.ninja_deps']],
      ['make', ['-j', String(PARALLEL), '--silent'], []],
    ] as const) {
      if (isInstalled(peer)) {
        const other = () => fresh(root, state, { command: peer, args })
        print(
          resultLine(`build ${STEPS} commands`, peer, null, await alternate(ROUNDS, ours, other)),
        )
      } else print(`${peer}: skipped, it is not installed`)
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** The seconds of one program, after all outputs and the given state files were removed. */
async function fresh(
  root: string,
  state: readonly string[],
  { command, args }: { readonly command: string; readonly args: readonly string[] },
): Promise<number> {
  rmSync(join(root, 'out'), { recursive: true, force: true })
  mkdirSync(join(root, 'out'))
  for (const file of state) rmSync(join(root, file), { force: true })
  return secondsOf(command, args, { cwd: root })
}

function writeProject(root: string): void {
  const write = (file: string, lines: readonly string[]) =>
    writeFileSync(join(root, file), `${lines.join('\n')}\n`)
  write('loop.mjs', [LOOP])
  write('assets.yaml', [
    'version: 1',
    'project: bench',
    'defaults: {kind: command}',
    'assets:',
    ...names.map(
      (name) => `  ${name}: {run: [touch, ${output(name)}], outputs: [${output(name)}]}`,
    ),
  ])
  write('build.ninja', [
    'rule touch',
    '  command = touch $out',
    ...names.map((name) => `build ${output(name)}: touch`),
    `build all: phony ${names.map(output).join(' ')}`,
    'default all',
  ])
  write('Makefile', [`all: ${names.map(output).join(' ')}`, 'out/%:', '\ttouch $@'])
}

function isInstalled(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, program)))
}
