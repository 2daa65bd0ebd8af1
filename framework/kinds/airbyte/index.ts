import type { Kind } from '../../ports/kind.ts'
import { measureRelation } from '../observe-relations.ts'
import { defineStreams } from './define.ts'
import { observeStreams } from './observe.ts'
import { loadBatch } from './run.ts'
import { streamOf } from './stream.ts'

/** Raw tables: streams of a connection, in the table shape that Airbyte writes. */
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
    run: loadBatch,
    streams: { of: (asset, site) => streamOf(asset, site.target) },
    rebuilder: { unverifiable: 'a raw table: its source may have moved on' },
    close: async () => {},
  }
}
