// Prints the skipped tests, whose names say what they need. The last line has the counts.
// Usage: node summary.mjs REPORT CODE
// REPORT is vitest's JSON report, CODE the exit code of `npm cit`.
import { readFileSync } from 'node:fs'

const [file, code] = process.argv.slice(2)

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
const skipped = tests.filter((test) => ['pending', 'skipped', 'todo'].includes(test.status))
if (skipped.length > 0) {
  console.log('\nskipped:')
  for (const test of skipped) console.log(`  ${test.fullName}`)
}
const failed = count('failed') + brokenFiles
// A command that failed without a failed test counts as one failure.
const failures = failed === 0 && code !== '0' ? 1 : failed
console.log(`${count('passed')} passed, ${failures} failed, ${skipped.length} skipped`)
