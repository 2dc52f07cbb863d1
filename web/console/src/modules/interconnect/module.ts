import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'interconnect',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST', 'AUDITOR', 'SECURITY_ADMIN', 'AUDIT_ADMIN'],
  menu: { to: '/interconnect', icon: 'signal', label: 'interconnect.menu', order: 8.5 },
  routes: [
    { path: '/interconnect', name: 'interconnect', component: () => import('./PeersPage.vue'), meta: { title: 'interconnect.menu' } },
    { path: '/interconnect/:peer', name: 'peer', component: () => import('./PeerPage.vue'), meta: { title: 'interconnect.peer' } },
    { path: '/interconnect/applications/:id', name: 'peer-application', component: () => import('./PeerApplicationPage.vue'), meta: { title: 'interconnect.application' } },
  ],
} satisfies UiModule
