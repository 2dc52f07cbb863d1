import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'share',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST', 'AUDITOR', 'ZONE_MEMBER'],
  menu: { to: '/share', icon: 'link', label: 'share.menu', order: 1.3 },
  routes: [
    { path: '/share', name: 'share', component: () => import('./SharePage.vue'), meta: { title: 'share.menu' } },
    { path: '/share/applications/:id', name: 'application', component: () => import('./ApplicationPage.vue'), meta: { title: 'share.application' } },
    { path: '/share/grants/:id', name: 'grant', component: () => import('./GrantPage.vue'), meta: { title: 'share.grant' } },
  ],
} satisfies UiModule
