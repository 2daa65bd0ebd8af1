// npm run bench [name …]. Each benchmark prints the ratio of `assets` to another tool or to a lower
// bound, measured alternately in one run.
import { benchCommands } from './commands.ts'
import { benchCompletion } from './completion.ts'
import { benchHyper } from './hyper.ts'
import { benchLayout } from './layout.ts'
import { benchLoader } from './loader.ts'
import { benchPage } from './page.ts'
import { benchBuilds, benchFirstCommand, benchNoOp } from './pipeline.ts'
import { benchManyModels, benchScale } from './scale.ts'
import { benchSnowflake } from './snowflake.ts'
import { benchState } from './state.ts'

const benches: Readonly<Record<string, (print: (line: string) => void) => Promise<void>>> = {
  'no-op': benchNoOp,
  builds: benchBuilds,
  commands: benchCommands,
  completion: benchCompletion,
  loader: benchLoader,
  hyper: benchHyper,
  layout: benchLayout,
  scale: benchScale,
  page: benchPage,
  models: benchManyModels,
  state: benchState,
  snowflake: benchSnowflake,
  'first-command': benchFirstCommand,
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(
    `unknown benchmark ${unknown.join(', ')}; choose from ${Object.keys(benches).join(', ')}`,
  )
  process.exit(2)
}
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n${name}`)
  await bench((text) => console.log(`  ${text}`))
}
process.exit(0)
