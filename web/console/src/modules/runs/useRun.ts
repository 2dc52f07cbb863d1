import { onScopeDispose, ref, shallowRef, triggerRef } from 'vue'
import type { Run, RunObject } from '@qiantang/api'
import { isActive } from '@qiantang/ui'
import { api } from '../../client'

/**
 * A run, live while it goes on. Objects arrive one by one, up to thousands of them: they are gathered and shown four times a second at
 * most. When the line is lost the browser reconnects; meanwhile the run is asked for every few seconds.
 */
export function useRun(id: string) {
  const run = shallowRef<Run | null>(null)
  const error = ref<unknown>(null)
  const lost = ref(false)
  let stop: (() => void) | undefined
  let pending: ReturnType<typeof setTimeout> | undefined
  let poll: ReturnType<typeof setTimeout> | undefined
  let index = new Map<string, number>()
  let gone = false
  const keyOf = (object: RunObject): string => `${object.kind} ${object.name}`

  async function load(): Promise<void> {
    try {
      const answer = await api.runs.get(id)
      if (gone) return
      run.value = answer
      index = new Map(answer.objects.map((object, i) => [keyOf(object), i]))
      error.value = null
      if (isActive(answer.state)) follow()
      else {
        stop?.()
        stop = undefined
        lost.value = false
      }
    } catch (cause) {
      if (!gone) error.value = cause
    }
  }
  function changed(): void {
    pending ??= setTimeout(() => {
      pending = undefined
      if (run.value) run.value = { ...run.value }
      triggerRef(run)
    }, 250)
  }
  function follow(): void {
    if (stop || gone) return
    stop = api.runs.follow(id, {
      run: (summary) => {
        lost.value = false
        if (run.value) Object.assign(run.value, summary)
        changed()
      },
      object: (object) => {
        lost.value = false
        const now = run.value
        if (!now) return
        const at = index.get(keyOf(object))
        if (at === undefined) {
          index.set(keyOf(object), now.objects.length)
          now.objects = [...now.objects, object]
        } else {
          now.objects = now.objects.slice()
          now.objects[at] = object
        }
        changed()
      },
      end: () => {
        stop = undefined
        void load()
      },
      lost: () => {
        lost.value = true
        if (poll !== undefined) return
        poll = setTimeout(() => {
          poll = undefined
          if (lost.value && !gone) void load()
        }, 3_000)
      },
    })
  }
  onScopeDispose(() => {
    gone = true
    stop?.()
    if (pending !== undefined) clearTimeout(pending)
    if (poll !== undefined) clearTimeout(poll)
  })
  void load()
  return { run, error, lost, reload: load }
}
