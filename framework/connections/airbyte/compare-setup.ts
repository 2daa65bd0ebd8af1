import type { Problem } from '../../model/problem.ts'
import type { Stream } from '../../model/stream.ts'
import type { StreamProblem } from '../../model/stream-problem.ts'
import type { ConnectionSetup, StreamSetup } from './connection-setup.ts'
import type { AirbyteSettings } from './settings.ts'

/** The differences between assets and the setup of their connection in Airbyte. */
export interface SetupComparison {
  /** Differences that decide which rows are loaded. Each names its asset. */
  readonly problems: readonly Problem[]
  /** Differences that decide which columns are loaded, and the prefix. */
  readonly warnings: readonly string[]
}

/** Airbyte's sync modes for each value of an asset's `sync`. */
const AIRBYTE_MODES: Readonly<Record<Stream['sync'], readonly string[]>> = {
  full_refresh: ['full_refresh_overwrite', 'full_refresh_overwrite_deduped'],
  incremental_append: ['incremental_append'],
  incremental_dedup: ['incremental_deduped_history'],
}

/**
 * Compares streams with the setup of their connection in Airbyte. Problems: stream not enabled; another
 * sync mode, primary key or cursor. Pure.
 */
export function compareSetup(
  streams: readonly Stream[],
  setup: ConnectionSetup,
  settings: Pick<AirbyteSettings, 'name' | 'schema' | 'prefix'>,
): SetupComparison {
  const compared = streams.map((stream) => compareStream(stream, setup, settings))
  const { name, prefix } = settings
  const prefixWarnings =
    setup.prefix === prefix
      ? []
      : [
          `connection ${name} has prefix "${setup.prefix}" in Airbyte but "${prefix}" in the YAML, so its tables will not be found`,
        ]
  return {
    problems: compared.flatMap(({ problems }) => problems),
    warnings: [...prefixWarnings, ...compared.flatMap(({ warnings }) => warnings)],
  }
}

/** Finds a stream by its name and namespace; null if it is not among `candidates`. */
export function findStream<S extends Pick<StreamSetup, 'name' | 'namespace'>>(
  stream: Pick<Stream, 'stream' | 'namespace'>,
  candidates: readonly S[],
  schema: string | null,
): S | null {
  const namespace = stream.namespace ?? schema
  return (
    candidates.find(
      (one) =>
        one.name === stream.stream &&
        (namespace === null || one.namespace === null || one.namespace === namespace),
    ) ?? null
  )
}

function compareStream(
  stream: Stream,
  setup: ConnectionSetup,
  { name, schema }: Pick<AirbyteSettings, 'name' | 'schema'>,
): SetupComparison {
  const { asset } = stream
  const enabled = findStream(stream, setup.streams, schema)
  if (enabled === null) {
    const others = setup.streams.map((one) => one.name).join(', ')
    const problem: StreamProblem = {
      code: 'stream-not-selected',
      message: `${asset}: stream ${stream.stream} is not enabled in Airbyte's connection ${name}`,
      hint: others === '' ? 'enable it there' : `enable it there; enabled are ${others}`,
      asset,
      streamKey: 'stream',
    }
    return { problems: [problem], warnings: [] }
  }
  const problems: StreamProblem[] = []
  if (enabled.mode !== null && !AIRBYTE_MODES[stream.sync].includes(enabled.mode)) {
    problems.push({
      code: 'sync-differs',
      message: `${asset}: sync is ${stream.sync} here and ${enabled.mode} in Airbyte`,
      hint: `set sync: ${matchingSync(enabled.mode) ?? '…'} here, or ${AIRBYTE_MODES[stream.sync][0]} in Airbyte`,
      asset,
      streamKey: 'sync',
    })
  }
  const hasKeys = stream.sync === 'incremental_dedup' && enabled.primaryKey.length > 0
  if (hasKeys && !haveSameItems(stream.primaryKey, enabled.primaryKey)) {
    problems.push({
      code: 'primary-key-differs',
      message: `${asset}: primary_key is [${stream.primaryKey.join(', ')}] here and [${enabled.primaryKey.join(', ')}] in Airbyte`,
      hint: 'Airbyte deduplicates by its own primary key; set both to the same columns',
      asset,
      streamKey: 'primary_key',
    })
  }
  if (stream.cursor !== null && enabled.cursor !== null && stream.cursor !== enabled.cursor) {
    problems.push({
      code: 'cursor-differs',
      message: `${asset}: cursor is ${stream.cursor} here and ${enabled.cursor} in Airbyte`,
      hint: 'Airbyte finds new rows by its own cursor; set both to the same column',
      asset,
      streamKey: 'cursor',
    })
  }
  return { problems, warnings: columnWarnings(stream, enabled) }
}

function columnWarnings(stream: Stream, { columns, primaryKey }: StreamSetup): readonly string[] {
  const { asset, exclude } = stream
  if (columns === null) {
    const key = stream.columns !== null ? 'columns' : 'exclude'
    if (stream.columns === null && exclude.length === 0) return []
    return [`${asset}: \`${key}\` omits columns, but Airbyte loads all of them`]
  }
  const loaded = new Set(columns)
  const unwanted = exclude.filter((column) => loaded.has(column))
  const missing = (stream.columns ?? []).filter((column) => !loaded.has(column))
  const expected = new Set([...(stream.columns ?? columns), ...primaryKey])
  const additional = columns.filter((column) => !expected.has(column))
  return [
    ...(unwanted.length === 0
      ? []
      : [`${asset}: \`exclude\` names ${unwanted.join(', ')}, but Airbyte loads it`]),
    ...(missing.length === 0
      ? []
      : [`${asset}: \`columns\` names ${missing.join(', ')}, but Airbyte does not load it`]),
    ...(additional.length === 0
      ? []
      : [`${asset}: \`columns\` omits ${additional.join(', ')}, but Airbyte loads it`]),
  ]
}

/** The value of `sync` for one of Airbyte's modes; null if there is none. */
function matchingSync(mode: string): string | null {
  const found = Object.entries(AIRBYTE_MODES).find(([, modes]) => modes.includes(mode))
  return found?.[0] ?? null
}

function haveSameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one))
}
