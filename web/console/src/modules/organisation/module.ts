import type { UiModule } from '../../module'
import * as messages from './messages'

/** Everybody may look; the administrators, whose work it is, have it in the menu. */
export default {
  name: 'organisation',
  messages,
  roles: ['SYSTEM_ADMIN', 'SECURITY_ADMIN', 'AUDIT_ADMIN'],
  menu: { to: '/organisation', icon: 'grid', label: 'organisation.menu', order: 8 },
  routes: [
    { path: '/organisation', name: 'organisation', component: () => import('./OrganisationPage.vue'), meta: { title: 'organisation.title', roles: [] } },
    { path: '/organisation/import', name: 'organisation-import', component: () => import('./ImportPage.vue'), meta: { title: 'organisation.import.title', roles: ['SYSTEM_ADMIN'] } },
  ],
} satisfies UiModule
