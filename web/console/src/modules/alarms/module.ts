import type { UiModule } from '../../module'

export default {
  name: 'alarms',
  messages: { zh: {}, en: {} },
  roles: ['ENGINEER', 'OFFICER'],
  routes: [{ path: '/alarms', name: 'alarms', component: () => import('../catalogue/AlarmsPage.vue'), meta: { title: 'catalogue.profile.alarmsTitle' } }],
} satisfies UiModule
