import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'sign-in',
  messages,
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('./SignInPage.vue'), meta: { open: true, title: 'signIn.title' } },
    { path: '/sign-in/:provider', name: 'sign-in-return', component: () => import('./ReturnPage.vue'), meta: { open: true, title: 'signIn.title' } },
  ],
} satisfies UiModule
