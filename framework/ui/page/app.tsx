import { useEffect } from 'preact/hooks'
import type { MarkName } from '../data/overview.ts'
import { Answers } from './answers/answers.tsx'
import { AssetView } from './asset/asset.tsx'
import { isExported } from './documents.ts'
import { ago, dateTime, grouped } from './format.ts'
import { GraphView } from './graph/graph.tsx'
import { Mark } from './parts/verdict.tsx'
import { PlanView } from './plan/plan.tsx'
import { linkTo, type Route, route } from './route.ts'
import { RunView } from './runs/run.tsx'
import { RunsView } from './runs/runs.tsx'
import { liveText } from './runs/runs-text.ts'
import { liveRun, markNow, now, overview, problems } from './store.ts'

const VIEWS = [
  ['graph', 'Graph', { view: 'graph', select: '', focus: null }],
  ['runs', 'Runs', { view: 'runs' }],
  ['plan', 'Plan', { view: 'plan' }],
  ['answers', 'Answers', { view: 'answers' }],
] as const satisfies readonly (readonly [string, string, Route])[]

export function App() {
  const shown = route.value
  useEffect(() => {
    const { project = 'assets', target = '' } = overview.value ?? {}
    document.title = `${titleOf(shown)} · ${project}${target && ` on ${target}`}`
  })
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <h1>
          {overview.value?.project ?? 'assets'}
          {overview.value && <span class="target"> on {overview.value.target}</span>}
        </h1>
        <nav aria-label="Views">
          {VIEWS.map(([view, title, to]) => (
            <a href={linkTo(to)} aria-current={isIn(shown, view) ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <Counts />
        <AsOf />
      </header>
      <Problems />
      <main id="main" class={shown.view} tabIndex={-1}>
        {overview.value === null ? (
          <p class="note">Reading the project…</p>
        ) : (
          <View shown={shown} />
        )}
      </main>
    </>
  )
}

function View({ shown }: { readonly shown: Route }) {
  switch (shown.view) {
    case 'graph':
      return <GraphView select={shown.select} focus={shown.focus} />
    case 'asset':
      return <AssetView name={shown.name} />
    case 'runs':
      return <RunsView />
    case 'run':
      return <RunView run={shown.run} />
    case 'plan':
      return <PlanView />
    case 'answers':
      return <Answers />
  }
}

function isIn({ view }: Route, tab: string): boolean {
  return view === tab || (view === 'run' && tab === 'runs') || (view === 'asset' && tab === 'graph')
}

function titleOf(shown: Route): string {
  switch (shown.view) {
    case 'asset':
      return shown.name
    case 'run':
      return `run ${shown.run}`
    default:
      return VIEWS.find(([view]) => view === shown.view)![1]
  }
}

const MARKS: readonly MarkName[] = ['failed', 'stale', 'pending', 'building', 'fresh']

/** How many assets have each verdict. */
function Counts() {
  const assets = overview.value?.assets ?? []
  const counts = new Map<MarkName, number>()
  for (const asset of assets) {
    const mark = markNow(asset)
    counts.set(mark, (counts.get(mark) ?? 0) + 1)
  }
  return (
    <ul class="counts" aria-label="Assets by verdict">
      {MARKS.filter((mark) => counts.has(mark)).map((mark) => (
        <li>
          <Mark mark={mark} /> {grouped(counts.get(mark)!)} {mark}
        </li>
      ))}
    </ul>
  )
}

function AsOf() {
  const run = liveRun.value
  if (run !== null) {
    return (
      <a class="live" href={linkTo({ view: 'run', run: run.run })}>
        {liveText(run)}
      </a>
    )
  }
  const seenAt = overview.value?.seenAt ?? 0
  if (seenAt === 0) return null
  return (
    <span
      class="as-of"
      title="The newest build or look that is recorded. The warehouse itself is not asked."
    >
      {isExported ? `as of ${dateTime(seenAt)}` : `as of ${ago(seenAt, now.value)}`}
    </span>
  )
}

function Problems() {
  if (problems.value.length === 0) return null
  return (
    <div class="problems" role="alert">
      {problems.value.slice(0, 5).map(({ message, file, line, hint }) => (
        <p>
          {file !== undefined && <code>{line === undefined ? file : `${file}:${line}`}</code>}{' '}
          {message}
          {hint !== undefined && <span class="hint"> {hint}</span>}
        </p>
      ))}
    </div>
  )
}
