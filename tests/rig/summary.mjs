// Prints the skipped tests, whose names say what they need. The last line has the counts of all runs.
// Usage: node summary.mjs REPORT CODE [NAME REPORT CODE]...
// REPORT is vitest's JSON report, CODE the exit code of the command that wrote it. NAME is a further run of
// some suites: `Node v22.23.5`. It gets a line of its own. Its REPORT is `skipped` if it could not run.
import { readFileSync } from 'node:fs'

/** The tests of a run, and how many files and commands failed without a failed test. */
function runOf(file, code) {
  let tests = []
  let brokenFiles = 0
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'))
    tests = report.testResults.flatMap((suite) => suite.assertionResults)
    // A file that failed before its first test, for example because an import failed.
    brokenFiles = report.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    ).length
  } catch {
    // There is no report if types, lint or layers failed before a test ran.
  }
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length
  const skipped = tests
    .filter((test) => ['pending', 'skipped', 'todo'].includes(test.status))
    .map((test) => test.fullName)
  const failed = count('failed') + brokenFiles
  // A command that failed without a failed test counts as one failure.
  return { passed: count('passed'), failed: failed === 0 && code !== '0' ? 1 : failed, skipped }
}

const counts = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped.length} skipped`

const [file, code, ...more] = process.argv.slice(2)
const all = runOf(file, code)
const further = []
for (let k = 0; k < more.length; k += 3) {
  const [name, report, ended] = more.slice(k, k + 3)
  const isSkipped = report === 'skipped'
  const run = isSkipped
    ? { passed: 0, failed: 0, skipped: [`${name}, light suites (needs its package from npm)`] }
    : runOf(report, ended)
  further.push(`${name}, light suites: ${counts(run)}`)
  all.passed += run.passed
  all.failed += run.failed
  all.skipped.push(...run.skipped)
}
if (all.skipped.length > 0) {
  console.log('\nskipped:')
  // A test may be skipped in each run.
  for (const name of new Set(all.skipped)) console.log(`  ${name}`)
}
for (const line of further) console.log(line)
console.log(counts(all))
