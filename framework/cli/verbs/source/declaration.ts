import { commonOptions, required, text } from '../../options.ts'
import { defineVerb, type VerbGroup } from '../../verb.ts'

const options = {
  connection: text('--connection <name>', 'Connection of the source, if a target has several'),
  ...commonOptions,
}

const sql = defineVerb({
  name: 'sql',
  summary: 'Run SQL on an embedded source',
  arguments: { sql: required('<sql>', 'One or more SQL statements') },
  options,
  json: ['assets/sql/1'],
  examples: [
    ['assets source sql "update payment set amount = amount + 1 where payment_id = 1"', ''],
  ],
  run: async (context, output, { sql, target, connection }) => {
    const { sourceSql } = await import('./index.ts')
    return sourceSql(context, output, sql, { target, connection })
  },
})

const reset = defineVerb({
  name: 'reset',
  summary: 'Delete an embedded source and create it again',
  arguments: {},
  options,
  json: ['assets/source/1'],
  acts: () => true,
  run: async (context, output, { target, connection }) => {
    const { sourceReset } = await import('./index.ts')
    return sourceReset(context, output, { target, connection })
  },
})

export const source: VerbGroup = {
  name: 'source',
  summary: 'Query, change or reset an embedded source',
  verbs: [sql, reset],
}
