import type { Area } from './area.ts'
import { airbyte } from './areas/airbyte.ts'
import { manifests, messages, runResults } from './areas/dbt.ts'
import { dotenv } from './areas/dotenv.ts'
import { selections } from './areas/selections.ts'
import { stateRows } from './areas/state-rows.ts'
import { texts } from './areas/texts.ts'
import { yaml } from './areas/yaml.ts'

export const AREAS: readonly Area[] = [
  yaml,
  selections,
  dotenv,
  manifests,
  runResults,
  messages,
  airbyte,
  stateRows,
  texts,
]
