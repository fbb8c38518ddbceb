import { defineConfig } from '@playwright/test'

// The browser is whatever is installed (scripts/browser says where): none is ever downloaded.
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      // Without a sandbox a browser runs as root, in containers; it visits nothing but the binary under test.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
  },
})
