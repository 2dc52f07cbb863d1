import { createRouter, createWebHistory } from 'vue-router'
import { reachable } from './client'
import { modules } from './modules'
import { useSession } from './session'

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    ...modules.flatMap((module) => module.routes.map((route) => ({ ...route, meta: { roles: module.roles, ...route.meta } }) as typeof route)),
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('./NotFound.vue'), meta: { title: 'shell.notFound' } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.known) {
    try {
      await session.load()
    } catch {
      // The hub does not answer: the shell says so, and the sign-in page tries again.
    }
  }
  if (to.meta.open) return session.signedIn && to.name === 'sign-in' ? { path: '/' } : true
  if (!session.signedIn) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (session.person?.obligations.length && to.name !== 'own-account') return { name: 'own-account' }
  // Who keeps the platform has no overview of the city: their own work is their first page.
  const first = to.path === '/' && !session.may(to.meta.roles) ? modules.find((module) => module.menu && session.may(module.roles))?.menu : undefined
  return first ? { path: first.to } : true
})

// A page's code could not be fetched: the hub is away, or was replaced by a newer one while this window was open.
router.onError(async (error: unknown, to) => {
  if (!(error instanceof Error) || !/imported module|preload CSS|module script/i.test(error.message)) return
  try {
    const there = await fetch('/favicon.svg', { method: 'HEAD', cache: 'no-store' })
    if (there.ok) location.assign(to.fullPath)
  } catch {
    reachable.value = false
  }
})
