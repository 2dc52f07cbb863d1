import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'audit',
  messages,
  roles: ['AUDIT_ADMIN'],
  menu: { to: '/audit', icon: 'shield', label: 'audit.menu', order: 6 },
  routes: [{ path: '/audit', name: 'audit', component: () => import('./AuditPage.vue'), meta: { title: 'audit.title' } }],
} satisfies UiModule
