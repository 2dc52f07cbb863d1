import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { ProblemError, type Role, type Session } from '@qiantang/api'
import { api } from './client'

/** Who is signed in, and what they may see. */
export const useSession = defineStore('session', () => {
  const person = ref<Session | null>(null)
  const known = ref(false)
  /** What the hub says of the installation before anyone has signed in. */
  const trial = ref(false)
  const signedIn = computed(() => person.value !== null)

  async function load(): Promise<void> {
    try {
      person.value = await api.session.get()
    } catch (error) {
      person.value = null
      if (!(error instanceof ProblemError)) throw error
      trial.value = error.problem.extra.trial === true
      if (error.status !== 401) throw error
    } finally {
      known.value = true
    }
  }
  async function signIn(username: string, password: string, code?: string): Promise<void> {
    person.value = await api.session.signIn(username, password, code)
    known.value = true
  }
  async function signOut(): Promise<void> {
    try {
      if (person.value?.provider) {
        const { url } = await api.session.signOutAt()
        if (url) {
          person.value = null
          return location.assign(url)
        }
      } else await api.session.signOut()
    } catch (error) {
      // While the hub cannot be reached the session lives on: pretending otherwise would leave it open behind one's back.
      if (!(error instanceof ProblemError)) return
    }
    person.value = null
  }
  function ended(): void {
    person.value = null
  }
  /** Whether one of the roles is held; no roles asked means everyone. */
  function may(roles: readonly Role[] | undefined): boolean {
    return !roles || roles.length === 0 || roles.some((role) => person.value?.roles.includes(role))
  }
  return { person, known, trial, signedIn, load, signIn, signOut, ended, may }
})
