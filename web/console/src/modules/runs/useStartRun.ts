import { ref } from 'vue'
import { useRouter } from 'vue-router'
import { ProblemError, type RunSummary, type Source } from '@qiantang/api'
import { api } from '../../client'

/** Starts a collection once, however often it is clicked, and goes to its progress; a run that already goes on is shown instead. */
export function useStartRun() {
  const router = useRouter()
  const starting = ref<string | null>(null)
  const failure = ref<unknown>(null)

  /** `full`: an interface that is read by its changes is read in full this once. */
  async function start(source: Pick<Source, 'id'>, full = false): Promise<void> {
    if (starting.value) return
    starting.value = source.id
    failure.value = null
    try {
      const run = await api.sources.run(source.id, full)
      await router.push(`/runs/${run.id}`)
    } catch (error) {
      const going = error instanceof ProblemError && error.status === 409 ? (error.problem.extra.run as Partial<RunSummary> | undefined) : undefined
      if (going?.id) await router.push(`/runs/${going.id}`)
      else failure.value = error
    } finally {
      starting.value = null
    }
  }
  return { starting, failure, start }
}
