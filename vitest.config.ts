import { defineConfig } from 'vitest/config'

const report = process.env.ASSETS_TEST_REPORT

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Real databases and Python run in the e2e and contract suites; two cores carry two files.
    maxWorkers: 2,
  },
})
