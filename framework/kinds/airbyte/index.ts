import type { Kind } from '../../ports/kind.ts'
import { measureRelations } from '../measure-relations.ts'
import { measureRelation } from '../observe-relations.ts'
import { defineStreams } from './define.ts'
import { observeStreams } from './observe.ts'
import { runBatch } from './run-batch.ts'
import { streamOf } from './stream.ts'

/** Raw tables: streams that a connection loads, in the table layout of Airbyte. */
export function createKind(): Kind {
  return {
    name: 'airbyte',
    uses: 'warehouse',
    batches: 'together',
    define: defineStreams,
    observe: observeStreams,
    async measure(subject, site) {
      const warehouse = await site.warehouse()
      return warehouse.ok ? measureRelation(subject, warehouse.value) : warehouse
    },
    async measureAll(subjects, site) {
      const warehouse = await site.warehouse()
      return warehouse.ok ? measureRelations(subjects, warehouse.value) : warehouse
    },
    run: runBatch,
    streams: { of: (asset, site) => streamOf(asset, site.target) },
    rebuilder: { unverifiable: 'a raw table: its source may have changed since' },
    close: async () => {},
  }
}
