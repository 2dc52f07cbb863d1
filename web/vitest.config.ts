import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    environment: 'happy-dom',
    include: ['console/test/unit/**/*.test.ts'],
    server: { deps: { inline: ['element-plus'] } },
    env: { TZ: 'Asia/Shanghai' },
  },
})
