import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@qiantang/api'

declare module 'vue-router' {
  interface RouteMeta {
    /** Who may see the page; everyone signed in when absent. */
    roles?: readonly Role[]
    /** The page may be seen without signing in. */
    open?: boolean
    /** Message key of the page's title. */
    title?: string
    /** Uses the whole window width. */
    wide?: boolean
  }
}

/** A part of the console: its pages, its entry in the menu (with what else of the console it leads to), who may use it, its words. A folder with a module.ts is one. */
export interface UiModule {
  name: string
  routes: RouteRecordRaw[]
  menu?: { to: string; icon: string; label: string; order: number; also?: readonly string[] }
  roles?: readonly Role[]
  messages: { zh: Record<string, unknown>; en: Record<string, unknown> }
}
