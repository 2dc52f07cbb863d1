import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'objections',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'AUDITOR'],
  routes: [
    { path: '/objections', name: 'objections', component: () => import('./ObjectionsPage.vue'), meta: { title: 'objections.menu' } },
    { path: '/objections/:id', name: 'objection', component: () => import('./ObjectionPage.vue'), meta: { title: 'objections.one' } },
  ],
} satisfies UiModule
