import { fail, ok } from '../../model/problem.ts'
import type { Scratch, ScratchSchema } from '../../ports/warehouse.ts'
import type { Query } from './catalogue.ts'
import { literal, quoted, relationName } from './names.ts'
import { type AccountLabel, type FallbackProblem, problemOf } from './problems.ts'
import { createReader, type ReaderSettings, type SqlClient } from './reader.ts'

/** What scratch schemas are created with. */
export interface ScratchContext {
  readonly settings: ReaderSettings
  readonly label: AccountLabel
  /** `scratchOwner`. */
  readonly owner: string
  /** Milliseconds since the epoch, when the loan began. */
  readonly startedAt: number
  readonly client: SqlClient
  /** Runs a statement that Ctrl-C does not cancel, to drop schemas. */
  readonly cleanUp: Query
  readonly notice: (message: string) => void
}

export interface LoanScratch {
  readonly scratch: Scratch
  /** Drops the scratch schemas of killed runs. Gives a notice for each one that it could not drop. */
  sweep(): Promise<void>
  /** Drops the scratch schemas of this loan. Gives a notice for each one that it could not drop. */
  end(): Promise<void>
}

/**
 * Scratch schemas as transient schemas of the same database, because few roles may create databases. They are
 * named `ASSETS_SCRATCH_<owner>_<time>_<A|B>__<schema>`. The owner identifies a lease, under which one run at
 * a time works. So all scratch schemas of the same owner from other loans belong to dead runs.
 */
export function scratchOf({
  settings,
  label,
  owner,
  startedAt,
  client,
  cleanUp,
  notice,
}: ScratchContext): LoanScratch {
  const ownPrefix = `ASSETS_SCRATCH_${owner}_`
  const time = new Date(startedAt).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const scratchSchemas = [
    scratchSchema(`${ownPrefix}${time}_A__`),
    scratchSchema(`${ownPrefix}${time}_B__`),
  ] as const
  const created = new Set<string>()

  function scratchSchema(prefix: string): ScratchSchema {
    const inside = (relation: string): string => {
      const { schema, name } = relationName(relation, settings.schema)
      return `${prefix}${schema}.${name}`
    }
    const reader = createReader(client, settings, label)
    return {
      database: null,
      prefix,
      folder: null,
      reader: () => ({
        fingerprint: (relation, options) => reader.fingerprint(inside(relation), options),
        digests: (relation, options) => reader.digests(inside(relation), options),
      }),
    }
  }

  const address = (schema: string) => `${quoted(settings.database)}.${quoted(schema)}`

  async function drop(schemas: Iterable<string>): Promise<void> {
    for (const schema of schemas) {
      try {
        await cleanUp(`drop schema if exists ${address(schema)} cascade`)
      } catch (error) {
        const { message, detail } = problemOf(error, label, {
          code: 'warehouse-failed',
          message: '',
        })
        notice(
          `schema ${schema} of ${label.name} could not be dropped, the next run drops it: ${detail ?? message}`,
        )
      }
    }
  }

  return {
    scratch: {
      schemas: scratchSchemas,
      async prepare(relations) {
        const schemas = new Set(relations.map((one) => relationName(one, settings.schema).schema))
        const wanted = scratchSchemas.flatMap(({ prefix }) =>
          [...schemas].map((one) => `${prefix}${one}`),
        )
        try {
          for (const schema of wanted) {
            created.add(schema)
            await client.query(
              `create transient schema if not exists ${address(schema)} data_retention_time_in_days = 0`,
            )
          }
          return ok([])
        } catch (error) {
          return fail(problemOf(error, label, schemaRefused(settings, label)))
        }
      },
    },
    async sweep() {
      const like = `like ${literal(`${ownPrefix}%`)} in database ${quoted(settings.database)}`
      const shown = await client.query(`show schemas ${like}`)
      // In LIKE, an underscore matches any character.
      await drop(shown.map(({ name }) => String(name)).filter((name) => name.startsWith(ownPrefix)))
    },
    async end() {
      await drop(created)
      created.clear()
    },
  }
}

function schemaRefused({ database }: ReaderSettings, { name }: AccountLabel): FallbackProblem {
  return {
    code: 'scratch-refused',
    message: `${name} refused to create scratch schemas for verify`,
    hint: `grant create schema on database ${database} to the role of the warehouse`,
  }
}
