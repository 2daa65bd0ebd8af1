import type { Adapter, Registries } from './cli/context.ts'
import type { Connection } from './ports/connection.ts'
import type { Publisher } from './ports/publisher.ts'
import type { State } from './ports/state.ts'
import type { Warehouse } from './ports/warehouse.ts'

// Every adapter. A new adapter is one folder and one entry here.

const warehouses: Record<string, Adapter<Warehouse>> = {
  duckdb: {
    declaration: async () => (await import('./warehouses/duckdb/declaration.ts')).declaration,
    create: async () => (await import('./warehouses/duckdb/index.ts')).create,
    fromDbt: async () => (await import('./warehouses/duckdb/from-dbt.ts')).fromDbt,
    health: async () => (await import('./warehouses/duckdb/health.ts')).examine,
  },
  snowflake: {
    declaration: async () => (await import('./warehouses/snowflake/declaration.ts')).declaration,
    create: async () => (await import('./warehouses/snowflake/index.ts')).create,
    fromDbt: async () => (await import('./warehouses/snowflake/from-dbt.ts')).fromDbt,
    destination: async () => (await import('./warehouses/snowflake/destination.ts')).destinationOf,
    health: async () => (await import('./warehouses/snowflake/health.ts')).examine,
  },
}

const connections: Record<string, Adapter<Connection>> = {
  airbyte: {
    declaration: async () => (await import('./connections/airbyte/declaration.ts')).declaration,
    create: async () => (await import('./connections/airbyte/index.ts')).create,
    health: async () => {
      const { examineReplication } = await import('./connections/postgres/health/replication.ts')
      return (await import('./connections/airbyte/health.ts')).createExamine(examineReplication)
    },
  },
  postgres: {
    declaration: async () => (await import('./connections/postgres/declaration.ts')).declaration,
    create: async () => (await import('./connections/postgres/index.ts')).create,
    health: async () => (await import('./connections/postgres/health/health.ts')).examine,
  },
}

const publishers: Record<string, Adapter<Publisher>> = {
  tableau: {
    declaration: async () => (await import('./connections/tableau/declaration.ts')).declaration,
    create: async () => (await import('./connections/tableau/index.ts')).create,
    health: async () => (await import('./connections/tableau/health.ts')).examine,
  },
}

const states: Record<string, Adapter<State>> = {
  sqlite: {
    declaration: async () => (await import('./state/sqlite/declaration.ts')).declaration,
    create: async () => (await import('./state/sqlite/index.ts')).create,
    isAtHand: async () => (await import('./state/sqlite/index.ts')).isAtHand,
    changeToken: async () => (await import('./state/sqlite/index.ts')).changeToken,
    setAside: async () => (await import('./state/sqlite/index.ts')).setAside,
    health: async () => (await import('./state/sqlite/health.ts')).examine,
  },
  postgres: {
    declaration: async () => (await import('./state/postgres/declaration.ts')).declaration,
    create: async () => (await import('./state/postgres/index.ts')).create,
    health: async () => (await import('./state/postgres/health.ts')).examine,
  },
}

const kinds: Registries['kinds'] = {
  airbyte: {
    declaration: async () => (await import('./kinds/airbyte/declaration.ts')).declaration,
    create: async () => (await import('./kinds/airbyte/index.ts')).createKind,
  },
  dbt: {
    declaration: async () => (await import('./kinds/dbt/declaration.ts')).declaration,
    create: async () => (await import('./kinds/dbt/index.ts')).createKind,
    health: async () => (await import('./kinds/dbt/health.ts')).examine,
    library: async () => (await import('./kinds/dbt/python/find-library.ts')).findLibrary,
    finds: ({ dbt }) => dbt?.models === 'all',
  },
  extract: {
    declaration: async () => (await import('./kinds/extract/declaration.ts')).declaration,
    create: async () => (await import('./kinds/extract/index.ts')).createKind,
    health: async () => {
      const { examine } = await import('./formats/hyper/health.ts')
      return (await import('./kinds/extract/health.ts')).createExamine(examine)
    },
  },
  command: {
    declaration: async () => (await import('./kinds/command/declaration.ts')).declaration,
    create: async () => (await import('./kinds/command/index.ts')).createKind,
  },
  tableau: {
    declaration: async () => (await import('./kinds/tableau/declaration.ts')).declaration,
    create: async () => (await import('./kinds/tableau/index.ts')).createKind,
  },
  external: {
    declaration: async () => (await import('./kinds/external/declaration.ts')).declaration,
    create: async () => (await import('./kinds/external/index.ts')).createKind,
  },
}

const formats: Registries['formats'] = {
  hyper: async () => (await import('./formats/hyper/index.ts')).create,
}

const secrets: Registries['secrets'] = async (env) =>
  (await import('./secrets/aws/index.ts')).createSecrets(env)

const stateTools: Registries['stateTools'] = async () =>
  (await import('./state/tools.ts')).stateTools

const sqlParser: Registries['sqlParser'] = async () =>
  (await import('./engines/duckdb/parse-sql.ts')).createSqlParser()

const readParquet: Registries['readParquet'] = async (file) =>
  (await import('./engines/duckdb/read-parquet.ts')).readParquet(file)

export const registries: Registries = {
  kinds,
  warehouses,
  connections,
  publishers,
  states,
  formats,
  stateTools,
  sqlParser,
  readParquet,
  secrets,
}
