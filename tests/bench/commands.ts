import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { REPOSITORY } from '../rig/cli.ts'
import { alternate, resultLine, secondsOf } from './measure.ts'

// A thousand small steps: what the tool costs beside the programs that it starts. Ours is the whole
// command, from nothing built: start, YAML from its cache, journal, records. Beside it the least that
// starting them costs in Node, and ninja and make on the same steps where they are installed.

const STEPS = 1_000
const PARALLEL = 2
const ROUNDS = 3
const BUNDLE = join(REPOSITORY, 'dist', 'main.js')

const names = Array.from({ length: STEPS }, (_, n) => `step_${n}`)
const output = (name: string) => `out/${name}`

/** The same programs from a loop that keeps as many of them going, and does nothing else. */
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
    print(resultLine(`${STEPS} commands, nothing built`, 'bare spawn', 1.5, compared))
    for (const [peer, args, state] of [
      ['ninja', ['-j', String(PARALLEL), '--quiet'], ['.ninja_log', '.ninja_deps']],
      ['make', ['-j', String(PARALLEL), '--silent'], []],
    ] as const) {
      if (isInstalled(peer)) {
        const other = () => fresh(root, state, { command: peer, args })
        print(resultLine('  the same', peer, null, await alternate(ROUNDS, ours, other)))
      } else print(`  ${peer} is not installed: skipped`)
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Seconds of one program in the folder, with nothing built and the other's state gone. */
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
