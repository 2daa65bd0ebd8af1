import { fail, ok } from '../../model/problem.ts'
import type { Scratch, ScratchSchema } from '../../ports/warehouse.ts'
import type { Query } from './catalogue.ts'
import { literal, quoted, relationName } from './names.ts'
import { type Doing, problemOf, type Whereabouts } from './problems.ts'
import { type Asking, createReader, type Place } from './reader.ts'

/** What scratch needs of a loan. */
export interface ScratchSite {
  readonly place: Place
  readonly where: Whereabouts
  /** `scratchOwner`. */
  readonly owner: string
  /** Milliseconds since the epoch, when the loan began. */
  readonly at: number
  readonly asking: Asking
  /** Runs a statement that no Ctrl-C ends: what is removed after one. */
  readonly last: Query
  readonly notice: (message: string) => void
}

export interface LoanScratch {
  readonly scratch: Scratch
  /** Removes what a killed run left. Tells what it could not remove. */
  sweep(): Promise<void>
  /** Removes all that was made here. Tells what it could not remove. */
  end(): Promise<void>
}

/**
 * Scratch in transient schemas of the one database, since a role that may make databases is not easily had.
 * They are called `ASSETS_SCRATCH_<owner>_<moment>_<A|B>__<schema>`. The owner stands for a lease, which lets
 * one run at a time work here: what another loan of the same owner made is of a run that is dead.
 */
export function scratchOf({
  place,
  where,
  owner,
  at,
  asking,
  last,
  notice,
}: ScratchSite): LoanScratch {
  const own = `ASSETS_SCRATCH_${owner}_`
  const moment = new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const rooms = [roomAt(`${own}${moment}_A__`), roomAt(`${own}${moment}_B__`)] as const
  const made = new Set<string>()

  function roomAt(prefix: string): ScratchSchema {
    const inside = (relation: string): string => {
      const { schema, name } = relationName(relation, place.schema)
      return `${prefix}${schema}.${name}`
    }
    const reader = createReader(asking, place, where)
    return {
      database: null,
      prefix,
      reader: () => ({
        fingerprint: (relation, options) => reader.fingerprint(inside(relation), options),
        digests: (relation, options) => reader.digests(inside(relation), options),
      }),
    }
  }

  const address = (schema: string) => `${quoted(place.database)}.${quoted(schema)}`

  async function remove(schemas: Iterable<string>): Promise<void> {
    for (const schema of schemas) {
      try {
        await last(`drop schema if exists ${address(schema)} cascade`)
      } catch (error) {
        const { message, detail } = problemOf(error, where, {
          code: 'warehouse-failed',
          message: '',
        })
        notice(
          `${schema} is left on ${where.name}; the next run that builds there removes it: ${detail ?? message}`,
        )
      }
    }
  }

  return {
    scratch: {
      schemas: rooms,
      async prepare(relations) {
        const schemas = new Set(relations.map((one) => relationName(one, place.schema).schema))
        const wanted = rooms.flatMap(({ prefix }) => [...schemas].map((one) => `${prefix}${one}`))
        try {
          for (const schema of wanted) {
            made.add(schema)
            await asking.query(
              `create transient schema if not exists ${address(schema)} data_retention_time_in_days = 0`,
            )
          }
          return ok([])
        } catch (error) {
          return fail(problemOf(error, where, noRoom(place, where)))
        }
      },
    },
    async sweep() {
      const like = `like ${literal(`${own}%`)} in database ${quoted(place.database)}`
      const shown = await asking.query(`show schemas ${like}`)
      // To LIKE an underscore is any character.
      await remove(shown.map(({ name }) => String(name)).filter((name) => name.startsWith(own)))
    },
    async end() {
      await remove(made)
      made.clear()
    },
  }
}

function noRoom({ database }: Place, { name }: Whereabouts): Doing {
  return {
    code: 'scratch-refused',
    message: `${name} gave no room to build in again`,
    hint: `verify makes schemas of its own and drops them: grant create schema on database ${database} to the role that assets works as`,
  }
}
