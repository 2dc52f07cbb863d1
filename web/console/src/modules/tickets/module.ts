import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'tickets',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'AUDITOR'],
  menu: { to: '/tickets', icon: 'edit', label: 'tickets.menu', order: 1.2 },
  routes: [
    { path: '/tickets', name: 'tickets', component: () => import('./TicketsPage.vue'), meta: { title: 'tickets.menu' } },
    { path: '/tickets/:id', name: 'ticket', component: () => import('./TicketPage.vue'), meta: { title: 'tickets.one' } },
  ],
} satisfies UiModule
