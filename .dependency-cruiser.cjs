// The import table of framework/README.md. A room may import itself and what stands beside its name.
const rooms = {
  lib: [],
  model: ['lib'],
  ports: ['model', 'lib'],
  config: ['model', 'ports', 'lib'],
  graph: ['model', 'lib'],
  staleness: ['graph', 'model', 'ports', 'lib'],
  plan: ['staleness', 'graph', 'model', 'lib'],
  execute: ['plan', 'staleness', 'graph', 'ports', 'model', 'lib'],
  kinds: ['ports', 'model', 'lib'],
  connections: ['ports', 'model', 'lib'],
  warehouses: ['ports', 'model', 'lib'],
  state: ['ports', 'model', 'lib'],
  secrets: ['ports', 'model', 'lib'],
  report: ['model', 'graph', 'plan', 'lib'],
  ui: ['report', 'model', 'ports', 'lib'],
  cli: ['config', 'graph', 'staleness', 'plan', 'execute', 'report', 'ui', 'ports', 'model', 'lib'],
}
const adapterRooms = ['kinds', 'connections', 'warehouses', 'state', 'secrets']
/** An outside package and the only rooms (or files) that may name it. */
const packages = {
  yaml: 'framework/config/',
  graphology: 'framework/graph/',
  chalk: 'framework/report/',
  commander: 'framework/cli/',
  '@duckdb/node-api': 'framework/warehouses/duckdb/',
  'snowflake-sdk': 'framework/warehouses/snowflake/',
  '@photostructure/sqlite': 'framework/(state/sqlite|connections/postgres/embedded)/',
  '@electric-sql/': 'framework/connections/postgres/embedded/',
  'pg(-copy-streams)?$': 'framework/(connections|state)/postgres/',
  '@aws-sdk/': 'framework/secrets/aws/',
  'axios/': 'framework/connections/airbyte/http.ts',
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    ...Object.entries(rooms).map(([room, may]) => ({
      name: `rooms-${room}`,
      comment: `${room}/ may import ${['itself', ...may].join(', ')}`,
      severity: 'error',
      from: { path: `^framework/${room}/` },
      to: { path: '^framework/', pathNot: `^framework/(${[room, ...may].join('|')})/` },
    })),
    ...adapterRooms.map((room) => ({
      name: `adapters-apart-${room}`,
      comment: 'an adapter imports no other adapter',
      severity: 'error',
      from: { path: `^framework/${room}/([^/]+)/` },
      to: { path: `^framework/${room}/`, pathNot: `^framework/${room}/($1/|[^/]+\\.ts$)` },
    })),
    ...Object.entries(packages).map(([name, home]) => ({
      name: `only-home-of-${name.replaceAll(/[^a-z]/g, '')}`,
      severity: 'error',
      from: { path: '^framework/', pathNot: `^${home}` },
      to: { path: `node_modules/${name}` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js'], conditionNames: ['import', 'types'] },
  },
}
