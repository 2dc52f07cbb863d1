import { computed, onScopeDispose, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Words } from '@qiantang/api'
import * as format from './format'

const now = ref(Date.now())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The present moment, good to half a minute, shared by everything that says "3 minutes ago". */
export function useNow(): Ref<number> {
  if (watchers++ === 0) {
    now.value = Date.now()
    timer = setInterval(() => (now.value = Date.now()), 30_000)
  }
  onScopeDispose(() => {
    if (--watchers === 0 && timer !== undefined) clearInterval(timer)
  })
  return now
}

/** The formats of {@link format} bound to the person's language and the present moment. */
export function useFormat() {
  const { locale } = useI18n({ useScope: 'global' })
  const present = useNow()
  return {
    locale,
    isChinese: computed(() => locale.value.startsWith('zh')),
    exact: format.exact,
    bytes: format.bytes,
    percent: format.percent,
    dateTime: format.dateTime,
    dateTimeExact: format.dateTimeExact,
    byteQuantity: format.byteQuantity,
    quantity: (value: number | null | undefined) => format.quantity(value, locale.value),
    count: (value: number | null | undefined) => format.count(value, locale.value),
    ago: (at: string | null | undefined) => format.ago(at, present.value, locale.value),
    duration: (milliseconds: number | null | undefined) => format.duration(milliseconds, locale.value),
    between: (from: string | null | undefined, to: string | null | undefined) => format.between(from, to, present.value),
    words: (words: Words | null | undefined) => (words ? (locale.value.startsWith('zh') ? words.zh : words.en) : ''),
    named: (one: { name: string; nameEn?: string | null }) => (locale.value.startsWith('zh') ? one.name : one.nameEn || one.name),
  }
}
