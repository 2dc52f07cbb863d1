import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import type { Session } from '@qiantang/api'
import { i18n } from '../../src/i18n'
import { useSession } from '../../src/session'

/** A hub that answers what the test says, and remembers what it was asked. */
export class Hub {
  readonly calls: { method: string; path: string; body: unknown; headers: Record<string, string> }[] = []
  private readonly answers: { method: string; path: RegExp; answer: () => Promise<Response> | Response }[] = []

  on(method: string, path: RegExp, answer: () => Promise<Response> | Response): this {
    this.answers.unshift({ method, path, answer })
    return this
  }
  of(method: string, path: RegExp): number {
    return this.calls.filter((call) => call.method === method && path.test(call.path)).length
  }
  install(): this {
    globalThis.fetch = (async (input: string | URL | Request, init?: RequestInit) => {
      const path = String(input)
      const method = init?.method ?? 'GET'
      this.calls.push({ method, path, body: typeof init?.body === 'string' ? JSON.parse(init.body) : (init?.body ?? null), headers: (init?.headers ?? {}) as Record<string, string> })
      const found = this.answers.find((one) => one.method === method && one.path.test(path))
      if (!found) throw new TypeError(`Nobody answers ${method} ${path}`)
      return found.answer()
    }) as typeof fetch
    return this
  }
}

export const json = (value: unknown, status = 200): Response => new Response(JSON.stringify(value), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' } })

export const refusal = (status: number, code: string, more: object = {}): Response => json({ status, code, zh: `中文：${code}`, en: `English: ${code}`, detail: code, traceId: 'abc123', ...more }, status)

export async function mountPage(page: Component, options: { at?: string; route?: string; person?: Partial<Session>; props?: Record<string, unknown> } = {}): Promise<{ wrapper: VueWrapper; router: Router }> {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  session.person = { username: 'engineer', displayName: '陈工', roles: ['ENGINEER'], department: null, obligations: [], secondFactor: false, person: null, posts: [], jurisdiction: [], line: [], provider: null, ...options.person }
  session.known = true
  const nothing = { template: '<div/>' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: options.route ?? '/', component: page, meta: { open: true } },
      { path: '/sign-in', name: 'sign-in', component: nothing },
      { path: '/:rest(.*)*', component: nothing },
    ],
  })
  await router.push(options.at ?? '/')
  const wrapper = mount(page, { props: options.props ?? {}, global: { plugins: [pinia, i18n, router] }, attachTo: document.body })
  await flushPromises()
  return { wrapper, router }
}
