import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** In development the API comes from a running hub. */
const hub = process.env.QIANTANG_HUB ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
  },
  build: {
    outDir: 'dist',
    // Everything comes from the hub itself, so that its Content-Security-Policy needs neither data: scripts nor other hosts.
    assetsInlineLimit: 0,
    target: 'es2022',
    chunkSizeWarningLimit: 900,
  },
  server: { host: '127.0.0.1', proxy: { '/api': hub } },
})
