import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { replaceFile } from '../../../lib/replace-file.ts'
import { runDocument, runsDocument } from '../../../ui/data/runs.ts'
import { readDocument, withData } from '../../../ui/server/document.ts'
import { type Context, EXIT, type Registries } from '../../context.ts'
import type { Output } from '../../output.ts'
import { type View, withView } from '../../view.ts'
import { overviewDocument, planDocument, VIEW } from './answer.ts'
import { answersDocument } from './answers.ts'
import { assetPage } from './asset-page.ts'
import { withColumns } from './column-reader.ts'
import { pageFile } from './page-file.ts'

/** The runs of which a page without a server has the steps. */
const RUNS = 50
/** The assets and checks of which it has more than the graph shows: those that are not fresh come first. */
const MOST_ASSETS = 2_000

/** Writes the page with all of its data as one file. Equal states give equal bytes. */
export async function exportPage(
  context: Context,
  output: Output,
  folder: string,
  target: string | null,
): Promise<number> {
  return withView(context, output, { ...VIEW, target, purpose: 'look' }, async (view) => {
    const { project, site } = view.workspace
    const data = await pageData(view, context.registries)
    const html = withData(readDocument(pageFile()), data, `${project.name} on ${site.target.name}`)
    const file = join(resolve(context.cwd, folder), 'index.html')
    mkdirSync(resolve(context.cwd, folder), { recursive: true })
    replaceFile(file, html)
    output.print(`${join(folder, 'index.html')} written`)
    return EXIT.done
  })
}

/** Every document of the page, by the path under which a server would give it. */
async function pageData(
  view: View,
  registries: Registries,
): Promise<Readonly<Record<string, unknown>>> {
  const { state, workspace, planned } = view
  const documents: Record<string, unknown> = {
    overview: overviewDocument(view),
    plan: await planDocument(view),
    answers: await answersDocument(view, registries),
  }
  await withColumns(view, registries, async (columns) => {
    for (const name of shownNames(planned)) {
      documents[`asset/${name}`] = await assetPage(view, name, columns)
    }
  })
  const runs = await state.runs(workspace.site.target.name, RUNS)
  if (!runs.ok) return documents
  // A page that a run builds shows what was before it.
  const ended = runs.value.filter(({ outcome }) => outcome !== 'running')
  documents.runs = runsDocument(ended)
  for (const { run } of ended) {
    const [detail, watched] = await Promise.all([state.run(run), state.watch(run, 0)])
    if (!detail.ok || detail.value === null || !watched.ok) continue
    documents[`run/${run}`] = runDocument(detail.value, watched.value)
  }
  return documents
}

function shownNames({ world, decisions }: View['planned']): readonly string[] {
  const { graph } = world
  const isFresh = (i: number) => decisions.verdicts[i]!.state === 'fresh'
  const order = [...graph.order]
  const shown = [...order.filter((i) => !isFresh(i)), ...order.filter(isFresh)]
  return shown.slice(0, MOST_ASSETS).map((i) => world.name(i))
}
