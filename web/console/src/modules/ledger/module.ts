import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'ledger',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST'],
  menu: { to: '/ledger', icon: 'receipt', label: 'ledger.menu', order: 4.7 },
  routes: [
    { path: '/ledger', name: 'ledger', component: () => import('./LedgerPage.vue'), meta: { title: 'ledger.menu' } },
    { path: '/ledger/projects/:id', name: 'project', component: () => import('./ProjectPage.vue'), meta: { title: 'ledger.project' } },
  ],
} satisfies UiModule
