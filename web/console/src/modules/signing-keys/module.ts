import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'signing-keys',
  messages,
  roles: ['SECURITY_ADMIN', 'AUDIT_ADMIN'],
  menu: { to: '/signing-keys', icon: 'key', label: 'signingKeys.menu', order: 9.5 },
  routes: [{ path: '/signing-keys', name: 'signing-keys', component: () => import('./SigningKeysPage.vue'), meta: { title: 'signingKeys.title' } }],
} satisfies UiModule
