import type { Registries } from '../../../framework/cli/context.ts'
import { main } from '../../../framework/cli/main.ts'
import { create } from '../../../framework/connections/airbyte/index.ts'
import { create as createTableau } from '../../../framework/connections/tableau/index.ts'
import { registries } from '../../../framework/registries.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface CliOutput {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The output of `materialize --json`. */
export interface MaterializeOutput extends CliOutput {
  /** The outcome of each step, by asset. */
  readonly outcomes: Readonly<Record<string, string>>
}

/** Runs the command line in this process, in virtual time. */
export async function runCliAt(
  time: VirtualTime,
  argv: readonly string[],
  where: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string | undefined>>
    readonly signal?: AbortSignal | undefined
    /** Whether to show progress, redrawn as virtual time passes. */
    readonly isTerminal?: boolean
  },
): Promise<CliOutput> {
  let stdout = ''
  let stderr = ''
  const { isTerminal = false } = where
  const stream = (take: (text: string) => void) => ({
    write: take,
    isTTY: isTerminal,
    columns: isTerminal ? 120 : undefined,
  })
  const code = await main(argv, {
    cwd: where.cwd,
    env: where.env,
    stdout: stream((text) => {
      stdout += text
    }),
    stderr: stream((text) => {
      stderr += text
    }),
    clock: time.clock,
    sleep: () => Promise.resolve(),
    later: isTerminal ? (...due) => time.later(...due) : () => () => undefined,
    random: () => 0.5,
    signal: where.signal ?? new AbortController().signal,
    registries: registriesAt(time),
  })
  return { code, stdout, stderr }
}

/** Parses the events of `materialize --json`. `stderr` also gets their problems. */
export function materializeOutput(said: CliOutput): MaterializeOutput {
  const events = said.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, string>>)
  const finished = events.filter(({ event }) => event === 'step_finished')
  const problems = events.flatMap(({ problem }) =>
    problem === undefined ? [] : [JSON.stringify(problem)],
  )
  return {
    ...said,
    stderr: [said.stderr, ...problems].join('\n'),
    outcomes: Object.fromEntries(finished.map(({ asset, outcome }) => [asset, outcome!])),
  }
}

/** The real adapters, in virtual time. */
function registriesAt(time: VirtualTime): Registries {
  const airbyte = {
    ...registries.connections.airbyte!,
    create:
      async () =>
      (...[settings, site]: Parameters<typeof create>) =>
        create(settings, site, time),
  }
  const tableau = {
    ...registries.publishers.tableau!,
    create:
      async () =>
      (...[settings, site]: Parameters<typeof createTableau>) =>
        createTableau(settings, site, time),
  }
  return {
    ...registries,
    connections: { ...registries.connections, airbyte },
    publishers: { ...registries.publishers, tableau },
  }
}
