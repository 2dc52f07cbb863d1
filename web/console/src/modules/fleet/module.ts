import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'fleet',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST', 'AUDITOR'],
  menu: { to: '/fleet', icon: 'grid', label: 'fleet.menu', order: 1.5 },
  routes: [{ path: '/fleet', name: 'fleet', component: () => import('./FleetPage.vue'), meta: { title: 'fleet.title', wide: true } }],
} satisfies UiModule
