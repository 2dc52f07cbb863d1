import type { UiModule } from '../../module'
import * as messages from './messages'
import './own.css'

export default {
  name: 'own-records',
  messages,
  roles: ['RESIDENT'],
  menu: { to: '/my/objections', icon: 'user', label: 'ownRecords.menu', order: 1 },
  routes: [
    { path: '/my/objections', name: 'my-objections', component: () => import('./OwnObjectionsPage.vue'), meta: { title: 'ownRecords.title' } },
    { path: '/my/objections/new', name: 'new-objection', component: () => import('./RaisePage.vue'), meta: { title: 'ownRecords.raise' } },
    { path: '/my/objections/:id', name: 'my-objection', component: () => import('./OwnObjectionPage.vue'), meta: { title: 'ownRecords.one' } },
  ],
} satisfies UiModule
