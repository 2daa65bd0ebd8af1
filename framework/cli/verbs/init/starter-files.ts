/** The schema paths in the first lines of the YAML files, relative to each file. */
export interface SchemaPaths {
  readonly project: string
  readonly assets: string
}

/** The files of the example project, by path. It needs only Node to build. */
export function starterFiles(
  project: string,
  schema: SchemaPaths,
): Readonly<Record<string, string>> {
  return {
    'assets.yaml': projectFile(project, schema.project),
    'assets/example.yaml': assetsFile(schema.assets),
    'data/orders.csv': ORDERS,
    'scripts/revenue.mjs': REVENUE,
    'scripts/report.mjs': REPORT,
  }
}

/** The file that makes the nodes of a dbt project assets, by path. `dir`: the folder of dbt_project.yml. */
export function filesForDbt(
  project: string,
  dir: string,
  schema: SchemaPaths,
): Readonly<Record<string, string>> {
  return {
    'assets.yaml': `# yaml-language-server: $schema=${schema.project}
version: 1
project: ${project}
dbt: {project_dir: ${dir}}
`,
  }
}

/** The folder that the example writes to, as a line of `.gitignore`. `.assets/` ignores itself. */
export const IGNORED = 'out/'

const projectFile = (project: string, schema: string) => `# yaml-language-server: $schema=${schema}
version: 1
project: ${project}
include: [assets/*.yaml]

# Tables, dbt models and extracts need a warehouse. For one on this machine:
# targets:
#   local:
#     warehouse: {type: duckdb, path: .assets/warehouse.duckdb}
`

const assetsFile = (schema: string) => `# yaml-language-server: $schema=${schema}
assets:
  orders:
    kind: external
    description: One line per order. Another program writes this file; assets only reads it.
    path: data/orders.csv

  revenue:
    kind: command
    description: Revenue by day.
    deps: [orders]
    run: [node, scripts/revenue.mjs]
    code: [scripts/revenue.mjs]
    outputs: [out/revenue.csv]

  report:
    kind: command
    description: The best day, in a sentence.
    deps: [revenue]
    run: [node, scripts/report.mjs]
    code: [scripts/report.mjs]
    outputs: [out/report.txt]
`

const ORDERS = `order_id,day,amount
1,2024-05-01,12.50
2,2024-05-01,7.50
3,2024-05-02,31.00
4,2024-05-03,4.25
`

const REVENUE = `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const [, ...lines] = readFileSync('data/orders.csv', 'utf8').trim().split('\\n')
const revenue = new Map()
for (const line of lines) {
  const [, day, amount] = line.split(',')
  revenue.set(day, (revenue.get(day) ?? 0) + Number(amount))
}

const rows = [...revenue].map(([day, sum]) => \`\${day},\${sum.toFixed(2)}\\n\`)
mkdirSync('out', { recursive: true })
writeFileSync('out/revenue.csv', \`day,revenue\\n\${rows.sort().join('')}\`)
`

const REPORT = `import { readFileSync, writeFileSync } from 'node:fs'

const [, ...lines] = readFileSync('out/revenue.csv', 'utf8').trim().split('\\n')
const days = lines.map((line) => line.split(','))
const [day, revenue] = days.reduce((best, one) => (Number(one[1]) > Number(best[1]) ? one : best))
writeFileSync('out/report.txt', \`The best day was \${day}, with \${revenue}.\\n\`)
`
