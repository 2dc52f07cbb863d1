import type { UiModule } from './module'

const found = import.meta.glob<{ default: UiModule }>('./modules/*/module.ts', { eager: true })

/** Every module of the console, in the order of the menu. */
export const modules: UiModule[] = Object.values(found)
  .map((file) => file.default)
  .sort((a, b) => (a.menu?.order ?? 0) - (b.menu?.order ?? 0))
