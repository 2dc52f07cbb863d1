import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'own-footprints',
  messages,
  roles: ['RESIDENT'],
  menu: { to: '/my/footprints', icon: 'history', label: 'ownFootprints.menu', order: 1.1, also: ['/my/data', '/my/questions'] },
  routes: [
    { path: '/my/footprints', name: 'my-footprints', component: () => import('./OwnFootprintsPage.vue'), meta: { title: 'ownFootprints.title' } },
    { path: '/my/data', name: 'my-data', component: () => import('./OwnDataPage.vue'), meta: { title: 'ownFootprints.data' } },
    { path: '/my/questions', name: 'my-questions', component: () => import('./OwnQuestionsPage.vue'), meta: { title: 'ownFootprints.questions' } },
  ],
} satisfies UiModule
