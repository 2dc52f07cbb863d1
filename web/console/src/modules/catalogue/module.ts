import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'catalogue',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST'],
  menu: { to: '/catalogue', icon: 'catalogue', label: 'catalogue.menu', order: 4 },
  routes: [
    { path: '/catalogue', name: 'catalogue', component: () => import('./CataloguePage.vue'), meta: { title: 'catalogue.menu' } },
    { path: '/catalogue/:id', name: 'resource', component: () => import('./ResourcePage.vue'), meta: { title: 'catalogue.one' } },
  ],
} satisfies UiModule
