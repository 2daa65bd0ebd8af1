import type { Problem } from '../../model/problem.ts'
import type { Stream } from '../../model/stream.ts'
import type { Settings } from './settings.ts'
import type { Setup, StreamSetup } from './connection-setup.ts'

/** What is wrong with how streams are set up, and what is only worth a word. */
export interface Agreement {
  /** Each names its asset. */
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** Airbyte's names of the modes that do what an asset's `sync` says. */
const MODES: Readonly<Record<Stream['sync'], readonly string[]>> = {
  full_refresh: ['full_refresh_overwrite', 'full_refresh_overwrite_deduped'],
  incremental_append: ['incremental_append'],
  incremental_dedup: ['incremental_deduped_history'],
}

/**
 * Compares what assets declare with how their connection is set up in Airbyte. What decides over rows is
 * a problem: the stream is off, another mode, key or cursor. What columns there are is a warning. Pure.
 */
export function compare(
  streams: readonly Stream[],
  setup: Setup,
  settings: Pick<Settings, 'name' | 'schema' | 'prefix'>,
): Agreement {
  const compared = streams.map((stream) => compareStream(stream, setup, settings))
  const prefix =
    setup.prefix === settings.prefix
      ? []
      : [
          `connection ${settings.name} has prefix "${setup.prefix}" in Airbyte and "${settings.prefix}" in the YAML: its tables will not be found`,
        ]
  return {
    problems: compared.flatMap(({ problems }) => problems),
    warnings: [...prefix, ...compared.flatMap(({ warnings }) => warnings)],
  }
}

/** The stream as it is set up; null when it is off. */
export function findStream<S extends Pick<StreamSetup, 'name' | 'namespace'>>(
  stream: Pick<Stream, 'stream' | 'namespace'>,
  setups: readonly S[],
  schema: string | null,
): S | null {
  const namespace = stream.namespace ?? schema
  return (
    setups.find(
      (one) =>
        one.name === stream.stream &&
        (namespace === null || one.namespace === null || one.namespace === namespace),
    ) ?? null
  )
}

function compareStream(
  stream: Stream,
  setup: Setup,
  { name, schema }: Pick<Settings, 'name' | 'schema'>,
): Agreement {
  const { asset } = stream
  const there = findStream(stream, setup.streams, schema)
  if (there === null) {
    const known = setup.streams.map((one) => one.name).join(', ')
    return only({
      code: 'stream-not-selected',
      message: `${asset}: connection ${name} in Airbyte does not load a stream ${stream.stream}`,
      hint: known === '' ? 'switch it on there' : `switch it on there; it loads ${known}`,
      asset,
    })
  }
  const problems: Problem[] = []
  if (there.mode !== null && !MODES[stream.sync].includes(there.mode)) {
    problems.push({
      code: 'sync-differs',
      message: `${asset}: sync is ${stream.sync} here and ${there.mode} in Airbyte`,
      hint: `set sync: ${ours(there.mode) ?? '…'} here, or ${MODES[stream.sync][0]} in Airbyte`,
      asset,
    })
  }
  const hasKeys = stream.sync === 'incremental_dedup' && there.primaryKey.length > 0
  if (hasKeys && !areSame(stream.primaryKey, there.primaryKey)) {
    problems.push({
      code: 'primary-key-differs',
      message: `${asset}: primary_key is [${stream.primaryKey.join(', ')}] here and [${there.primaryKey.join(', ')}] in Airbyte`,
      hint: 'rows are told apart by the one in Airbyte: make both the same',
      asset,
    })
  }
  if (stream.cursor !== null && there.cursor !== null && stream.cursor !== there.cursor) {
    problems.push({
      code: 'cursor-differs',
      message: `${asset}: cursor is ${stream.cursor} here and ${there.cursor} in Airbyte`,
      hint: 'what is new is told by the one in Airbyte: make both the same',
      asset,
    })
  }
  return { problems, warnings: columnWarnings(stream, there) }
}

function columnWarnings(stream: Stream, { columns, primaryKey }: StreamSetup): readonly string[] {
  const { asset, exclude } = stream
  if (columns === null) {
    const key = stream.columns !== null ? 'columns' : 'exclude'
    if (stream.columns === null && exclude.length === 0) return []
    return [`${asset}: \`${key}\` leaves columns out, and Airbyte loads all of them`]
  }
  const loaded = new Set(columns)
  const unwanted = exclude.filter((column) => loaded.has(column))
  const missing = (stream.columns ?? []).filter((column) => !loaded.has(column))
  const expected = new Set([...(stream.columns ?? columns), ...primaryKey])
  const more = columns.filter((column) => !expected.has(column))
  return [
    ...(unwanted.length === 0
      ? []
      : [`${asset}: \`exclude\` names ${unwanted.join(', ')}, and Airbyte loads it`]),
    ...(missing.length === 0
      ? []
      : [`${asset}: \`columns\` names ${missing.join(', ')}, and Airbyte leaves it out`]),
    ...(more.length === 0
      ? []
      : [`${asset}: \`columns\` leaves out ${more.join(', ')}, and Airbyte loads it`]),
  ]
}

const only = (problem: Problem): Agreement => ({ problems: [problem], warnings: [] })

function ours(mode: string): string | null {
  const found = Object.entries(MODES).find(([, modes]) => modes.includes(mode))
  return found?.[0] ?? null
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one))
}
