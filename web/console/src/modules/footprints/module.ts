import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'footprints',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'AUDITOR'],
  menu: { to: '/footprints', icon: 'history', label: 'footprints.menu', order: 1.25 },
  routes: [{ path: '/footprints', name: 'footprints', component: () => import('./FootprintsPage.vue'), meta: { title: 'footprints.title' } }],
} satisfies UiModule
