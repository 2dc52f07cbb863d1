import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'calendar',
  messages,
  routes: [{ path: '/calendar', name: 'calendar', component: () => import('./CalendarPage.vue'), meta: { title: 'calendar.title' } }],
} satisfies UiModule
