// The import table of framework/README.md. A room may import itself and the rooms in its row.
const rooms = {
  lib: [],
  model: ['lib'],
  ports: ['model', 'lib'],
  config: ['model', 'ports', 'lib'],
  graph: ['model', 'lib'],
  staleness: ['graph', 'model', 'ports', 'lib'],
  plan: ['staleness', 'graph', 'model', 'lib'],
  execute: ['plan', 'staleness', 'graph', 'ports', 'model', 'lib'],
  engines: ['ports', 'model', 'lib'],
  python: ['ports', 'model', 'lib'],
  formats: ['python', 'ports', 'model', 'lib'],
  kinds: ['python', 'ports', 'model', 'lib'],
  connections: ['ports', 'model', 'lib'],
  warehouses: ['engines', 'ports', 'model', 'lib'],
  state: ['ports', 'model', 'lib'],
  secrets: ['ports', 'model', 'lib'],
  report: ['model', 'graph', 'plan', 'lib'],
  'supply-chain': ['lib'],
  ui: ['report', 'plan', 'staleness', 'graph', 'ports', 'model', 'lib'],
  cli: ['ui', 'config', 'graph', 'staleness', 'plan', 'execute', 'report', 'ports', 'model', 'lib'],
}
/** Rooms with a folder for each adapter. Files directly in such a room are shared by its adapters. */
const adapterRooms = ['kinds', 'connections', 'formats', 'warehouses', 'state', 'secrets']
/** Packages, and the only folders or files that may import them. */
const packages = {
  yaml: 'framework/config/',
  graphology: 'framework/graph/',
  chalk: 'framework/report/',
  commander: 'framework/cli/',
  '@duckdb/node-api': 'framework/engines/duckdb/',
  'snowflake-sdk': 'framework/warehouses/snowflake/',
  'smol-toml': 'framework/warehouses/snowflake/',
  '@photostructure/sqlite': 'framework/(state/sqlite|connections/postgres/embedded)/',
  '@electric-sql/': 'framework/connections/postgres/embedded/',
  'pg/': 'framework/((connections|state)/postgres|formats/hyper)/',
  '@aws-sdk/': 'framework/secrets/aws/',
  'axios/': 'framework/connections/(airbyte|tableau)/http.ts',
  'fast-xml-parser/': 'framework/connections/tableau/http.ts',
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'no-cycles-of-ports',
      comment: 'the ports have no cycles, not even of types',
      severity: 'error',
      from: { path: '^framework/ports/' },
      to: { path: '^framework/ports/', circular: true },
    },
    ...Object.entries(rooms).map(([room, may]) => ({
      name: `rooms-${room}`,
      comment: `${room}/ may import ${['itself', ...may].join(', ')}`,
      severity: 'error',
      from: { path: `^framework/${room}/` },
      to: { path: '^framework/', pathNot: `^framework/(${[room, ...may].join('|')})/` },
    })),
    {
      name: 'layout-apart',
      comment: 'the layout knows graphs and pixels, and nothing of assets or pages',
      severity: 'error',
      from: { path: '^framework/ui/layout/' },
      to: { pathNot: '^framework/(ui/layout|lib)/' },
    },
    ...adapterRooms.map((room) => ({
      name: `adapters-apart-${room}`,
      comment: 'an adapter imports no other adapter',
      severity: 'error',
      from: { path: `^framework/${room}/([^/]+)/` },
      to: { path: `^framework/${room}/`, pathNot: `^framework/${room}/($1/|[^/]+\\.ts$)` },
    })),
    ...adapterRooms.map((room) => ({
      name: `adapters-not-shared-${room}`,
      comment: 'a file shared by the adapters of a room imports none of them',
      severity: 'error',
      from: { path: `^framework/${room}/[^/]+\\.ts$` },
      to: { path: `^framework/${room}/[^/]+/` },
    })),
    ...adapterRooms.map((room) => ({
      name: `adapters-unreachable-${room}`,
      comment: 'an adapter does not reach another one through other files either',
      severity: 'error',
      from: { path: `^framework/${room}/([^/]+)/` },
      to: { path: `^framework/${room}/[^/]+/`, pathNot: `^framework/${room}/$1/`, reachable: true },
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
