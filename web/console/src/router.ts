import { createRouter, createWebHistory } from 'vue-router'
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
  return true
})
