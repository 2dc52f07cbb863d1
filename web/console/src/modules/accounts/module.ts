import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'accounts',
  messages,
  roles: ['SYSTEM_ADMIN', 'SECURITY_ADMIN'],
  menu: { to: '/accounts', icon: 'user', label: 'accounts.menu', order: 7 },
  routes: [{ path: '/accounts', name: 'accounts', component: () => import('./AccountsPage.vue'), meta: { title: 'accounts.title' } }],
} satisfies UiModule
