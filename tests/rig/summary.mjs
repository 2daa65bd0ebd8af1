// Prints what was skipped and why, and then the one line that closes a CI run.
// Usage: node summary.mjs REPORT CODE — REPORT is vitest's JSON report, CODE how `npm cit` ended.
import { readFileSync } from 'node:fs'

const [file, code] = process.argv.slice(2)

let tests = []
let broken = 0
try {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  tests = report.testResults.flatMap((suite) => suite.assertionResults)
  broken = report.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  ).length
} catch {
  // No report: types, lint or layers stopped the command before a test ran.
}

const count = (...states) => tests.filter((test) => states.includes(test.status)).length
const skipped = tests.filter((test) => ['pending', 'skipped', 'todo'].includes(test.status))
if (skipped.length > 0) {
  console.log('\nskipped:')
  for (const test of skipped) console.log(`  ${test.fullName}`)
}
const failed = count('failed') + broken
const failures = failed === 0 && code !== '0' ? 1 : failed
console.log(`${count('passed')} passed, ${failures} failed, ${skipped.length} skipped`)
