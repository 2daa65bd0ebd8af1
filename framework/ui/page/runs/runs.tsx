import type { PageRun } from '../../data/runs.ts'
import { ago, counted, dateTime } from '../format.ts'
import { useDocument } from '../parts/document.ts'
import { toRun } from '../route.ts'
import { now } from '../store.ts'
import { History } from './history.tsx'
import { Outcome } from './outcome.tsx'
import { durationOf, savedBy, tallyOf } from './runs-text.ts'

/** Rows that are listed before the others are asked for. */
const LISTED = 100

/** The runs of 90 days: as a picture, then one by one. */
export function RunsView() {
  const loaded = useDocument<{ readonly runs: readonly PageRun[] }>('runs')
  if (loaded.is !== 'there') {
    return <p class="note">{loaded.is === 'loading' ? 'Reading the runs…' : loaded.message}</p>
  }
  const { runs } = loaded.document
  if (runs.length === 0) return <p class="note">Nothing ran yet: assets materialize</p>
  return (
    <div class="runs-page">
      <History runs={runs} />
      <div class="scroll">
        <table class="rows">
          <caption class="hidden">Runs, newest first</caption>
          <thead>
            <tr>
              <th class="number">Run</th>
              <th>Started</th>
              <th>Outcome</th>
              <th class="number">Took</th>
              <th>Steps</th>
              <th class="number">Time saved</th>
              <th>Command</th>
            </tr>
          </thead>
          <tbody>
            {runs.slice(0, LISTED).map((run) => (
              <tr key={run.run}>
                <td class="number">
                  <a href={toRun(run.run)}>{run.run}</a>
                </td>
                <td title={dateTime(run.startedAt)}>{ago(run.startedAt, now.value)}</td>
                <td>
                  <Outcome outcome={run.outcome} />
                </td>
                <td class="number">{durationOf(run)}</td>
                <td>{tallyOf(run.counts)}</td>
                <td class="number">{savedBy(run)}</td>
                <td class="command">{run.command}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {runs.length > LISTED && (
        <p class="note">{counted(runs.length - LISTED, 'older run')} are in the picture only.</p>
      )}
    </div>
  )
}
