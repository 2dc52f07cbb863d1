import { createI18n } from 'vue-i18n'
import { uiMessages } from '@qiantang/ui'
import * as shell from './messages'
import { modules } from './modules'

export type Locale = 'zh-CN' | 'en'
const KEY = 'qiantang.locale'

/** Chinese first; English for those who chose it. */
export function initialLocale(stored: string | null): Locale {
  return stored === 'en' ? 'en' : 'zh-CN'
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

export function messagesOf(language: 'zh' | 'en'): Record<string, unknown> {
  return Object.assign({}, uiMessages[language], shell[language], ...modules.map((module) => module.messages[language]))
}

export const i18n = createI18n({
  legacy: false,
  locale: initialLocale(read()),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': messagesOf('zh'), en: messagesOf('en') } as never,
})

export const currentLocale = (): Locale => i18n.global.locale.value as Locale

export function chooseLocale(locale: Locale): void {
  i18n.global.locale.value = locale as never
  document.documentElement.lang = locale
  try {
    localStorage.setItem(KEY, locale)
  } catch {
    // A browser that stores nothing simply starts in Chinese next time.
  }
}
