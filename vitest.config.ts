import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    reporters: ['default'],
    // Real databases and Python run in the e2e and contract suites; two cores carry two files.
    maxWorkers: 2,
  },
})
