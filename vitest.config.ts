import { defineConfig } from 'vitest/config'

const report = process.env.ASSETS_TEST_REPORT

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Deadlines for tests that wait for real processes. Only a hang reaches them.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // The e2e and contract suites start real databases and Python. Two files at once suit two cores.
    maxWorkers: 2,
  },
})
