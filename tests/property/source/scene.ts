import type { Stream } from '../../../framework/model/stream.ts'
import { stream } from '../../rig/load.ts'
import type { Random } from '../random.ts'

/** Some tables of a source, the streams that read them, and the statements that change them. */
export interface Scene {
  readonly name: string
  /** Statements that create the tables, one transaction. */
  readonly setup: readonly string[]
  readonly streams: readonly SceneStream[]
  readonly actions: readonly Action[]
  /** Where it can be played; everywhere if not given. */
  readonly only?: 'servers'
  /** The first major version of PostgreSQL that has what it uses. */
  readonly since?: number
}

/** Whose rights a stream is read with: those of the tables' owner, a superuser, or of the role `reader`. */
export type Reader = 'owner' | 'reader'

export interface SceneStream {
  readonly stream: Stream
  readonly reader: Reader
}

/** A random change: the SQL of one transaction, unless it is several statements apart. */
export interface Action {
  /** What it tries, in a few words. */
  readonly kind: string
  /** How often it is drawn, compared with others. */
  readonly weight: number
  readonly statements: (random: Random) => readonly string[]
  readonly since?: number
}

/** Declares a stream of the schema `public`, or of the one before the dot. */
export function streamOf(
  table: string,
  more: Partial<Stream> = {},
  reader: Reader = 'owner',
): SceneStream {
  const [name, namespace = null] = table.split('.').reverse() as [string, string?]
  return { stream: stream(name, { namespace, ...more }), reader }
}

/** An action of one or more statements. */
export function action(
  kind: string,
  weight: number,
  statements: (random: Random) => string | readonly string[],
  since?: number,
): Action {
  return {
    kind,
    weight,
    statements: (random) => {
      const made = statements(random)
      return typeof made === 'string' ? [made] : made
    },
    ...(since === undefined ? {} : { since }),
  }
}

/** One of the texts. */
export const one = (random: Random, ...texts: readonly string[]): string => random.pick(texts)!

/** A key among a few, so that statements meet. */
export const key = (random: Random, limit = 8): number => 1 + random.below(limit)
