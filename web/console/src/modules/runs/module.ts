import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'runs',
  messages,
  roles: ['ENGINEER', 'AUDITOR'],
  menu: { to: '/runs', icon: 'receipt', label: 'runs.menu', order: 3 },
  routes: [
    { path: '/runs', name: 'runs', component: () => import('./RunsPage.vue'), meta: { title: 'runs.menu' } },
    { path: '/runs/:id', name: 'run', component: () => import('./RunPage.vue'), meta: { title: 'runs.one' } },
  ],
} satisfies UiModule
