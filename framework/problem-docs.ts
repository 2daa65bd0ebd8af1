import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// `npm run problem-docs` writes PROBLEMS.md from the `problem-codes.ts` of every room.

const FRAMEWORK = dirname(fileURLToPath(import.meta.url))

/** Where the documentation of all codes is. */
export const PROBLEM_DOCS = join(FRAMEWORK, 'PROBLEMS.md')

/** One room's codes, each with what it means. */
export interface RoomProblems {
  /** Its folder: `connections/airbyte`. */
  readonly room: string
  readonly codes: Readonly<Record<string, string>>
}

/** The codes of every room, in the order of the folders. */
export async function allProblemCodes(): Promise<readonly RoomProblems[]> {
  const files = readdirSync(FRAMEWORK, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('problem-codes.ts'))
    .sort()
  return Promise.all(
    files.map(async (file) => {
      const module = await import(pathToFileURL(join(FRAMEWORK, file)).href)
      return { room: relative('.', dirname(file)), codes: module.problemCodes }
    }),
  )
}

/** The text of PROBLEMS.md. */
export function problemDocs(rooms: readonly RoomProblems[]): string {
  const sections = rooms.map(({ room, codes }) => {
    const rows = Object.entries(codes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
    return [`## \`${room}/\``, '', '| code | meaning |', '|---|---|', ...rows].join('\n')
  })
  return `# Problems

Every problem has a code, which \`--json\` shows and which scripts can rely on. This page is generated
from the \`problem-codes.ts\` of each room: \`npm run problem-docs\`.

${sections.join('\n\n')}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PROBLEM_DOCS, problemDocs(await allProblemCodes()))
}
