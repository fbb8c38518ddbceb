import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// While the pages are worked on (`npm run dev`), the API is that of a server that runs beside them.
const server = process.env['HOOKTREE_SERVER'] ?? 'http://127.0.0.1:8470'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    assetsInlineLimit: 0, // the page's policy loads nothing that stands in the page
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: Object.fromEntries(['/api', '/openapi.json', '/readyz'].map((path) => [path, { target: server }])),
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
  },
})
