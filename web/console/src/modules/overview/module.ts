import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'overview',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST', 'AUDITOR'],
  menu: { to: '/', icon: 'overview', label: 'overview.menu', order: 1 },
  routes: [{ path: '/', name: 'overview', component: () => import('./OverviewPage.vue'), meta: { title: 'overview.menu' } }],
} satisfies UiModule
