import { getCurrentScope, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { reachable } from './client'

export interface Load<T> {
  data: ShallowRef<T | null>
  error: Ref<unknown>
  loading: Ref<boolean>
  /** Asks again; what is shown stays until the answer is there. */
  reload: () => Promise<void>
}

/**
 * Loads something for a page and, if asked, keeps it fresh while the page is visible. An answer that comes after a newer question is
 * dropped, so a slow reply never overwrites a later one. A failed refresh keeps the old data: the page marks it as stale.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, options: { every?: (data: T | null) => number; lazy?: boolean } = {}): Load<T> {
  const data = shallowRef<T | null>(null)
  const error = ref<unknown>(null)
  const loading = ref(false)
  let turn = 0
  let control: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  async function reload(): Promise<void> {
    const mine = ++turn
    control?.abort()
    control = new AbortController()
    if (timer !== undefined) clearTimeout(timer)
    loading.value = true
    try {
      const answer = await load(control.signal)
      if (mine !== turn || gone) return
      data.value = answer
      error.value = null
    } catch (cause) {
      if (mine !== turn || gone) return
      error.value = cause
    }
    loading.value = false
    again()
  }
  function again(): void {
    const wait = options.every?.(data.value) ?? 0
    if (gone || wait <= 0) return
    timer = setTimeout(() => (document.hidden ? again() : void reload()), wait)
  }
  watch(reachable, (yes) => {
    if (yes && error.value !== null && !gone) void reload()
  })
  if (getCurrentScope())
    onScopeDispose(() => {
      gone = true
      control?.abort()
      if (timer !== undefined) clearTimeout(timer)
    })
  if (!options.lazy) void reload()
  return { data, error, loading, reload }
}

/** Runs an action at most once at a time: a double click does one thing. */
export function useOnce<A extends unknown[]>(action: (...args: A) => Promise<void>): { busy: Ref<boolean>; run: (...args: A) => Promise<void> } {
  const busy = ref(false)
  async function run(...args: A): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      await action(...args)
    } finally {
      busy.value = false
    }
  }
  return { busy, run }
}
